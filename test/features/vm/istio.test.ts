import {expect, test} from 'vitest'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import {readVmControlPlane} from '../../../src/features/vm/istio.ts'

const deployment = (env: Record<string, string> = {}): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {name: 'istiod', namespace: 'istio-system'},
  spec: {
    template: {
      spec: {containers: [{name: 'discovery', env: Object.entries(env).map(([name, value]) => ({name, value}))}]},
    },
  },
})
const map = (data: Record<string, string>): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {name: 'istio', namespace: 'istio-system'},
  data,
})

test('Istio’s own defaults, where nothing is said or can be read', () => {
  const plain = {
    defaultConfig: {},
    injectorCluster: undefined,
    rootConfigMap: 'istio-ca-root-cert',
    autoRegistration: true,
    healthChecks: true,
    capturesDns: false,
    discoverySelectors: [],
  }
  expect(readVmControlPlane(deployment(), undefined, undefined)).toMatchObject(plain)
  expect(readVmControlPlane(deployment(), map({mesh: ': : :'}), map({values: '{'}))).toMatchObject(plain)
})

test('what a machine has to know', () => {
  const env = {PILOT_ENABLE_WORKLOAD_ENTRY_AUTOREGISTRATION: 'false', PILOT_ENABLE_WORKLOAD_ENTRY_HEALTHCHECKS: 'false'}
  const mesh = `
discoverySelectors: [{matchLabels: {usergroup: one}}]
defaultConfig: {statusPort: 15099, proxyMetadata: {ISTIO_META_DNS_CAPTURE: "true"}}
`
  const values = JSON.stringify({global: {trustBundleName: 'one-root', multiCluster: {clusterName: 'east'}}})
  expect(readVmControlPlane(deployment(env), map({mesh}), map({values}))).toMatchObject({
    defaultConfig: {statusPort: 15099},
    injectorCluster: 'east',
    rootConfigMap: 'one-root',
    autoRegistration: false,
    healthChecks: false,
    capturesDns: true,
    discoverySelectors: [{matchLabels: {usergroup: 'one'}}],
  })
})

test('istiod itself has the last word about where the root is', () => {
  const values = JSON.stringify({global: {trustBundleName: 'one-root'}})
  const plane = readVmControlPlane(deployment({PILOT_CA_CERT_CONFIGMAP: 'two-root'}), undefined, map({values}))
  expect(plane.rootConfigMap).toBe('two-root')
})
