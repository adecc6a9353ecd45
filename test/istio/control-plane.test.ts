import {describe, expect, test} from 'vitest'
import type {KubernetesObject} from '../../src/engine/kubernetes/object.ts'
import {minorOf, readControlPlane} from '../../src/istio/control-plane.ts'

interface Container {
  name?: string
  image?: string
  env?: {name: string; value?: string}[]
}

/** A Deployment of istiod with the fields that `readControlPlane` reads. */
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

/** Title, Deployment, ConfigMap of the mesh config, ConfigMap of the injector, and the expected fields. */
const incomplete: [string, KubernetesObject, KubernetesObject | undefined, KubernetesObject | undefined, object][] = [
  [
    'a Deployment only',
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
  [
    'no container discovery',
    deployment({name: 'other', image: 'a:1.30.3'}),
    undefined,
    undefined,
    {version: undefined},
  ],
  [
    'the revision from the label',
    deployment({}, {'istio.io/rev': 'canary'}),
    undefined,
    undefined,
    {revision: 'canary'},
  ],
  [
    'values of the injector if environment and mesh config have none',
    deployment({env: [{name: 'CLUSTER_ID', value: ''}]}),
    configMap({mesh: '{}'}),
    configMap({values: '{"global": {"network": "", "meshID": "m", "multiCluster": {"clusterName": "c"}}}'}),
    {cluster: 'c', network: undefined, meshId: 'm'},
  ],
  [
    'invalid YAML and JSON',
    deployment({}),
    configMap({mesh: '{'}),
    configMap({values: 'no JSON'}),
    {trustDomain: 'cluster.local', network: undefined},
  ],
  [
    'a text in place of a map',
    deployment({}),
    configMap({mesh: 'text'}),
    configMap({values: '"text"'}),
    {trustDomain: 'cluster.local', meshId: undefined},
  ],
  [
    'null in place of a map',
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
]

describe('readControlPlane', () => {
  test('combines the Deployment and both ConfigMaps in order of precedence', () => {
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

  test('trust domains, the CA and the manager', () => {
    const istiod = deployment(
      {env: [{name: 'ENABLE_CA_SERVER', value: 'false'}]},
      {'app.kubernetes.io/managed-by': 'Helm'},
    )
    istiod.metadata.annotations = {'meta.helm.sh/release-name': 'r', 'meta.helm.sh/release-namespace': 'n'}
    const mesh = 'trustDomain: a\ntrustDomainAliases: [b]\ncaCertificates: [{pem: x, trustDomains: [c]}]\n'
    expect(readControlPlane(istiod, configMap({mesh}), undefined)).toMatchObject({
      trustDomainAliases: ['b'],
      acceptedTrustDomains: ['a', 'b', 'c'],
      externalCa: 'ENABLE_CA_SERVER=false',
      manager: {tool: 'helm', release: {name: 'r', namespace: 'n'}},
    })
    const caAddress = configMap({values: '{"global": {"caAddress": "csr.example:443"}}'})
    expect(readControlPlane(deployment({}), undefined, caAddress)).toMatchObject({
      trustDomainAliases: [],
      acceptedTrustDomains: ['cluster.local'],
      externalCa: 'global.caAddress=csr.example:443',
      manager: undefined,
    })
  })

  test.each(incomplete)('%s', (_, istiod, mesh, injector, expected) =>
    expect(readControlPlane(istiod, mesh, injector)).toMatchObject(expected),
  )
})

describe('readControlPlane, DNS and remote clusters', () => {
  test.each<[string, Container, string, object]>([
    ['since 1.25', {image: 'istio/pilot:1.25.0'}, '', {capturesDns: false, allocatesAddresses: true}],
    ['with an unknown version', {image: 'istio/pilot:latest'}, '', {allocatesAddresses: true}],
    ['not before 1.25', {image: 'istio/pilot:1.24.6'}, '', {allocatesAddresses: false}],
    [
      'not if it is disabled',
      {image: 'istio/pilot:1.31.0', env: [{name: 'PILOT_ENABLE_IP_AUTOALLOCATE', value: 'false'}]},
      'ISTIO_META_DNS_CAPTURE: "true"',
      {capturesDns: true, allocatesAddresses: false},
    ],
    [
      'before 1.25 with the proxy metadata',
      {image: 'istio/pilot:1.24.6'},
      'ISTIO_META_DNS_AUTO_ALLOCATE: "true"',
      {allocatesAddresses: true},
    ],
  ])('addresses are allocated %s', (_, container, metadata, expected) => {
    const mesh = configMap({mesh: `defaultConfig: {proxyMetadata: {${metadata}}}`})
    expect(readControlPlane(deployment(container), mesh, undefined)).toMatchObject(expected)
  })

  test.each([
    ['true', true],
    ['false', false],
  ])('EXTERNAL_ISTIOD=%s: serves remote clusters %s', (value, servesRemotes) => {
    const istiod = deployment({env: [{name: 'EXTERNAL_ISTIOD', value}]})
    expect(readControlPlane(istiod, undefined, undefined)).toMatchObject({servesRemotes})
  })

  test.each<[string, string | undefined, boolean]>([
    ['1.31.0', 'false', false],
    ['1.32.1', 'F', false],
    ['1.31.0', undefined, true],
    ['1.31.0', 'true', true],
    ['1.31.0', 'no', true],
    ['1.30.3', 'false', true],
    ['latest', 'false', true],
  ])(
    'istiod %s with PILOT_ENABLE_REMOTE_CREDENTIALS_CONTROLLER=%s: reads remote Secrets %s',
    (tag, value, expected) => {
      const env = value === undefined ? [] : [{name: 'PILOT_ENABLE_REMOTE_CREDENTIALS_CONTROLLER', value}]
      const istiod = deployment({image: `istio/pilot:${tag}`, env})
      expect(readControlPlane(istiod, undefined, undefined).readsRemoteSecrets).toBe(expected)
    },
  )
})

describe('readControlPlane, version', () => {
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
