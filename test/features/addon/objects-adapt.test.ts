import {expect, test} from 'vitest'
import {adaptObjects} from '../../../src/features/addon/objects-adapt.ts'
import {kialiManifest, objectsOf} from './samples.ts'

const place = {namespace: 'monitoring', systemNamespace: 'mesh-a'}

test('in the namespace of the manifest, the objects stay as they are', () => {
  const objects = objectsOf(kialiManifest)
  expect(adaptObjects(objects, {namespace: 'istio-system', systemNamespace: 'istio-system'})).toEqual(objects)
})

test('in another namespace, cluster-wide objects get it as a suffix, and bindings follow', () => {
  const [, role, binding, deployment] = adaptObjects(objectsOf(kialiManifest), place)
  expect(role!.metadata).toEqual({name: 'kiali-monitoring'})
  expect(binding).toMatchObject({
    metadata: {name: 'kiali-monitoring'},
    roleRef: {name: 'kiali-monitoring'},
    subjects: [{name: 'kiali', namespace: 'monitoring'}],
  })
  expect(deployment!.metadata).toMatchObject({name: 'kiali', namespace: 'monitoring'})
})

test('a role that the manifest does not contain keeps its name', () => {
  const binding = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: grafana}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{kind: ServiceAccount, name: grafana, namespace: istio-system}]
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: grafana, namespace: istio-system}
`
  expect(adaptObjects(objectsOf(binding), place)[0]).toMatchObject({
    metadata: {name: 'grafana-monitoring'},
    roleRef: {name: 'view'},
  })
})

test('addresses of add-ons get the new namespace; everything else means that of istiod', () => {
  const texts = {
    service: 'http://loki.istio-system.svc.cluster.local:9095',
    istiod: 'http://istiod-1-31.istio-system:15014',
    query: '{namespace!="istio-system",container="istio-proxy"}',
    word: 'my-istio-system istio-system-2',
  }
  const map = {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'a', namespace: 'istio-system'}, data: texts}
  expect(adaptObjects([map], place)[0]!.data).toEqual({
    service: 'http://loki.monitoring.svc.cluster.local:9095',
    istiod: 'http://istiod-1-31.mesh-a:15014',
    query: '{namespace!="mesh-a",container="istio-proxy"}',
    word: 'my-istio-system istio-system-2',
  })
})

test("texts of a manifest for another namespace are not Istio's, and stay", () => {
  const map = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {name: 'a', namespace: 'obs'},
    data: {a: 'x.istio-system'},
  }
  expect(adaptObjects([map], place)[0]).toMatchObject({
    metadata: {namespace: 'monitoring'},
    data: {a: 'x.istio-system'},
  })
})

test('null in metadata is left out', () => {
  const service = objectsOf('{apiVersion: v1, kind: Service, metadata: {name: a, annotations: }}')
  expect(adaptObjects(service, place)[0]!.metadata).toEqual({name: 'a', namespace: 'monitoring'})
})
