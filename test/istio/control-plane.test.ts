import {describe, expect, test} from 'vitest'
import type {KubernetesObject} from '../../src/engine/kubernetes/object.ts'
import {minorOf, readControlPlane} from '../../src/istio/control-plane.ts'

interface Container {
  name?: string
  image?: string
  env?: {name: string; value?: string}[]
}

/** istiod's Deployment, as far as it is read. */
function deployment(
  {name = 'discovery', ...container}: Container,
  labels: Record<string, string> = {},
): KubernetesObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {name: 'istiod', namespace: 'istio-system', labels},
    spec: {
      replicas: 2,
      template: {
        spec: {
          containers: [
            {name: 'istio-proxy', image: 'other:9.9.9'},
            {name, ...container},
          ],
        },
      },
    },
    status: {readyReplicas: 1},
  }
}

const configMap = (data: Record<string, string>): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {name: 'x'},
  data,
})

describe('readControlPlane', () => {
  test('puts together what the three objects say', () => {
    const env = [
      {name: 'REVISION', value: '1-30'},
      {name: 'CLUSTER_ID', value: 'east'},
    ]
    const found = readControlPlane(
      deployment({image: 'docker.io/istio/pilot:1.30.3-distroless', env}, {'istio.io/rev': 'other'}),
      configMap({mesh: 'trustDomain: mesh.example\ndefaultConfig:\n  meshId: mesh1\n'}),
      configMap({
        values: '{"global": {"network": "net-east", "meshID": "other", "multiCluster": {"clusterName": "other"}}}',
      }),
    )
    expect(found).toMatchObject({
      revision: '1-30',
      namespace: 'istio-system',
      version: '1.30.3',
      cluster: 'east',
      network: 'net-east',
      meshId: 'mesh1',
      trustDomain: 'mesh.example',
      replicas: 2,
      ready: 1,
    })
  })

  test.each<[string, KubernetesObject, KubernetesObject | undefined, KubernetesObject | undefined, object]>([
    [
      'nothing',
      {apiVersion: 'apps/v1', kind: 'Deployment', metadata: {name: 'istiod'}},
      undefined,
      undefined,
      {
        revision: 'default',
        namespace: '',
        version: undefined,
        cluster: undefined,
        network: undefined,
        meshId: undefined,
        trustDomain: 'cluster.local',
        replicas: 1,
        ready: 0,
      },
    ],
    ['no such container', deployment({name: 'other', image: 'a:1.30.3'}), undefined, undefined, {version: undefined}],
    [
      'the revision by its label',
      deployment({}, {'istio.io/rev': 'canary'}),
      undefined,
      undefined,
      {revision: 'canary'},
    ],
    [
      'values where env and mesh say nothing',
      deployment({env: [{name: 'CLUSTER_ID', value: ''}]}),
      configMap({mesh: '{}'}),
      configMap({values: '{"global": {"network": "", "meshID": "m", "multiCluster": {"clusterName": "c"}}}'}),
      {cluster: 'c', network: undefined, meshId: 'm'},
    ],
    [
      'a mesh that is no YAML',
      deployment({}),
      configMap({mesh: '{'}),
      configMap({values: 'no JSON'}),
      {trustDomain: 'cluster.local', network: undefined},
    ],
    [
      'a mesh that is a text',
      deployment({}),
      configMap({mesh: 'text'}),
      configMap({values: '"text"'}),
      {trustDomain: 'cluster.local', meshId: undefined},
    ],
    [
      'a mesh that is null',
      deployment({}),
      configMap({mesh: 'null\n'}),
      configMap({values: 'null'}),
      {trustDomain: 'cluster.local', meshId: undefined},
    ],
    [
      'a ConfigMap without data',
      deployment({}),
      configMap({}),
      {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'x'}},
      {meshId: undefined},
    ],
  ])('%s', (_, istiod, mesh, injector, expected) =>
    expect(readControlPlane(istiod, mesh, injector)).toMatchObject(expected),
  )

  test.each([
    ['istio/pilot:1.30.3', '1.30.3'],
    ['localhost:5000/istio/pilot:1.31.0-rc.0', '1.31.0'],
    ['istio/pilot:v1.29', '1.29'],
    ['istio/pilot:1.31-alpha.0a1b', '1.31'],
    ['istio/pilot:1.30.3@sha256:00ff', '1.30.3'],
    ['istio/pilot:latest', 'latest'],
    ['istio/pilot@sha256:00ff', undefined],
    ['localhost:5000/istio/pilot', undefined],
    [undefined, undefined],
  ])('image %s: %s', (image, version) =>
    expect(readControlPlane(deployment({...(image ? {image} : {})}), undefined, undefined).version).toBe(version),
  )
})

test.each([
  ['1.30.3', 1030],
  ['v1.36.3', 1036],
  ['1.9', 1009],
  ['2.0', 2000],
  ['latest', undefined],
  ['', undefined],
  [undefined, undefined],
])('minorOf %s: %s', (version, expected) => expect(minorOf(version)).toBe(expected))
