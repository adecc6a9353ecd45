import {expect, test} from 'vitest'
import type {KubernetesObject} from '../../../../src/engine/kubernetes/object.ts'
import {localityApplySet, localitySettingsRef} from '../../../../src/features/locality/balance/objects.ts'
import {
  balancedHosts,
  buildForget,
  buildUnbalance,
  type UnbalanceFacts,
} from '../../../../src/features/locality/balance/objects-unbalance.ts'
import {readMeshHost} from '../../../../src/istio/mesh-host.ts'

const where = {systemNamespace: 'istio-system', revision: undefined}
const host = readMeshHost('web', 'shop', 'cluster.local')
const rule = (name: string, manager: string): KubernetesObject => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'DestinationRule',
  metadata: {
    name,
    namespace: 'shop',
    uid: `${name}-uid`,
    managedFields: [
      {
        manager,
        operation: 'Apply',
        fieldsV1: {'f:spec': {'f:trafficPolicy': {'f:loadBalancer': {'f:localityLbSetting': {'f:enabled': {}}}}}},
      },
    ],
  },
  spec: {host: 'web'},
})

function facts(own: KubernetesObject[], others: KubernetesObject[], data: Record<string, string> = {}): UnbalanceFacts {
  const {apiVersion, kind, name, namespace} = localitySettingsRef(where)
  const settings: KubernetesObject = {apiVersion, kind, metadata: {name, namespace: namespace!, uid: 's'}, data}
  const parent: KubernetesObject = {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'p'}}
  const membership = {parent, objects: own} as unknown as UnbalanceFacts['records'][0]['membership']
  return {
    records: [{where, set: localityApplySet(where), membership, settings}],
    rules: [...own, ...others],
    services: [],
    clusterDomain: 'cluster.local',
    manager: 'kubectl-mesh',
  }
}

test('deletes recorded rules, takes our fields from rules of other owners, and leaves all other rules alone', () => {
  const all = facts([rule('web-locality', 'kubectl-mesh')], [rule('theirs', 'kubectl-mesh'), rule('alien', 'helm')])
  expect(buildUnbalance('east', host, all).map(change => [change.action, nameOf(change)])).toEqual([
    ['remove', 'web-locality'],
    ['apply', 'theirs'],
  ])
  expect(buildUnbalance('east', readMeshHost('db', 'shop', 'cluster.local'), all)).toEqual([])
})

test('the record goes with its last host, and keeps the settings of others and of the mesh', () => {
  const one = facts([rule('web-locality', 'kubectl-mesh')], [], {[host.host]: '{}'})
  expect(balancedHosts(one)).toEqual([host.host])
  expect(buildForget('east', [host.host], one).map(change => [change.action, nameOf(change)])).toEqual([
    ['remove', 'kubectl-mesh-locality-settings'],
    ['remove', 'kubectl-mesh-locality'],
  ])
  const two = facts([], [], {[host.host]: '{}', '_mesh-wide.default': '{}'})
  expect(balancedHosts(two)).toEqual([host.host])
  expect(buildForget('east', [host.host], two)).toEqual([
    expect.objectContaining({action: 'edit', edits: [{at: 'data', key: host.host, value: undefined}]}),
  ])
  expect(buildForget('east', ['other.shop.svc.cluster.local'], two)).toEqual([])
})

function nameOf(change: ReturnType<typeof buildUnbalance>[0]): string {
  return change.action === 'apply' ? change.object.metadata.name : change.target.name
}
