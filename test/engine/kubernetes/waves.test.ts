import {expect, test} from 'vitest'
import {type Wave, waveOf, waves} from '../../../src/engine/kubernetes/waves.ts'

test.each<[string, Record<string, string>, Wave]>([
  ['Namespace', {}, waves.namespaces],
  ['ConfigMap', {}, waves.namespaces],
  ['Deployment', {}, waves.gateways],
  ['ServiceAccount', {}, waves.gateways],
  ['ServiceAccount', {app: 'istio-reader'}, waves.credentials],
  ['ClusterRole', {}, waves.credentials],
  ['Gateway', {}, waves.exposure],
  ['VirtualService', {}, waves.exposure],
  ['Secret', {}, waves.credentials],
  ['Secret', {'istio/multiCluster': 'true'}, waves.remoteSecrets],
])('%s with labels %j: wave %i', (kind, labels, wave) =>
  expect(waveOf({apiVersion: 'v1', kind, metadata: {name: 'x', labels}})).toBe(wave),
)
