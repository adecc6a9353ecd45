import {expect, test} from 'vitest'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import {readVmControlPlane} from '../../../src/features/vm/istio-control-plane.ts'

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

test('uses the defaults of Istio where a setting is missing or malformed', () => {
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

test('reads the settings that matter to a machine', () => {
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

test('takes the name of the root ConfigMap from istiod before the injector values', () => {
  const values = JSON.stringify({global: {trustBundleName: 'one-root'}})
  const controlPlane = readVmControlPlane(deployment({PILOT_CA_CERT_CONFIGMAP: 'two-root'}), undefined, map({values}))
  expect(controlPlane.rootConfigMap).toBe('two-root')
})
