import {expect, test} from 'vitest'
import type {KubernetesObject} from '../../src/engine/kubernetes/object.ts'
import {callsIstiodIn, isOfSystemNamespace} from '../../src/istio/system-objects.ts'

const object = (kind: string, name: string, more: object = {}, namespace?: string): KubernetesObject => ({
  apiVersion: 'x/v1',
  kind,
  ...more,
  metadata: {name, ...(namespace === undefined ? {} : {namespace})},
})
const webhook = (namespace: string) => ({webhooks: [{name: 'a', clientConfig: {service: {name: 'istiod', namespace}}}]})
const sail = (kind: string, spec: object) => object(kind, 'default', {apiVersion: 'sailoperator.io/v1', spec})

test.each<[string, KubernetesObject, boolean]>([
  ['an object of the namespace', object('Secret', 'a', {}, 'mesh'), true],
  ['one of another namespace', object('Secret', 'cacerts', {}, 'istio-system'), false],
  ["a role of Istio's charts", object('ClusterRole', 'istiod-clusterrole-r1-mesh'), true],
  ['a role of Kubernetes', object('ClusterRole', 'cluster-admin'), false],
  ['a role whose name only ends alike', object('ClusterRole', 'cluster-mesh'), false],
  [
    'a webhook that calls its istiod',
    object('ValidatingWebhookConfiguration', 'istiod-default-validator', webhook('mesh')),
    true,
  ],
  [
    'a webhook of another istiod',
    object('MutatingWebhookConfiguration', 'istio-x-mesh', webhook('istio-system')),
    false,
  ],
  ['an Istio resource of the namespace', sail('Istio', {namespace: 'mesh'}), true],
  ['an Istio resource of another one', sail('Istio', {namespace: 'istio-system'}), false],
])('%s', (_, one, expected) => {
  expect(isOfSystemNamespace(one, 'mesh')).toBe(expected)
})

test('the names of cluster-wide objects of istio-system have no ending', () => {
  expect(isOfSystemNamespace(object('MutatingWebhookConfiguration', 'istio-sidecar-injector'), 'istio-system')).toBe(
    true,
  )
  expect(isOfSystemNamespace(object('Secret', 'a', {}, 'kube-system'), 'istio-system')).toBe(false)
})

test.each([
  ['ns', 'istiod', true],
  ['ns', 'istiod-r1', true],
  ['ns', 'istiodx', false],
  ['ns', 'policy', false],
  ['other', 'istiod', false],
])('a webhook that calls a Service in %s named %s: %j', (namespace, name, expected) => {
  const configuration = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: {name: 'x'},
    webhooks: [{name: 'w', clientConfig: {service: {namespace, name}}}],
  } satisfies KubernetesObject
  expect(callsIstiodIn(configuration, 'ns')).toBe(expected)
})
