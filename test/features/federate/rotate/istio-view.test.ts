import {expect, test} from 'vitest'
import {
  commonView,
  lossSince,
  lossText,
  serviceOfHost,
  type TargetView,
  viewOf,
} from '../../../../src/features/federate/rotate/istio-view.ts'
import {
  readClusterz,
  readEndpointCounts,
  readNetworkz,
} from '../../../../src/features/federate/verify/istio-debug-pages.ts'

const host = 'helloworld.sample.svc.cluster.local'
const pages = {
  clusters: readClusterz(
    '[{"id":"east","syncStatus":"synced"},{"id":"west","secretName":"n/s","syncStatus":"synced"}]',
  ),
  gateways: readNetworkz(
    '[{"Network":"n","Cluster":"west","Addr":"203.0.113.2","Port":15443},{"Network":"m","Cluster":"east","Addr":"203.0.113.1","Port":15443}]',
  ),
  endpoints: readEndpointCounts(
    JSON.stringify({
      [host]: {sample: {Shards: {'Kubernetes/west': [{}, {}], 'Kubernetes/east': [{}], 'External/west': [{}]}}},
      'gone.sample.svc.cluster.local': {sample: {Shards: {'Kubernetes/west': null}}},
    }),
  ),
}
const view: TargetView = {status: 'synced', gateways: ['203.0.113.2:15443'], hosts: {[host]: 2}}

test('the view of a cluster has its state, its gateways and its endpoints by host', () => {
  expect(viewOf(pages, 'west')).toEqual(view)
  expect(viewOf(pages, 'north')).toEqual({status: undefined, gateways: [], hosts: {}})
})

test('replicas have in common what each of them knows, and are synced only if all are', () => {
  const other = {status: 'syncing', gateways: ['203.0.113.2:15443', '203.0.113.3:15443'], hosts: {[host]: 1, other: 1}}
  expect(commonView([view, other])).toEqual({status: 'syncing', gateways: ['203.0.113.2:15443'], hosts: {[host]: 1}})
  expect(commonView([])).toBeUndefined()
})

test.each<[Partial<TargetView>, string | undefined]>([
  [{}, undefined],
  [{hosts: {[host]: 3, more: 1}}, undefined],
  [{status: undefined}, 'no longer knows cluster west'],
  [{status: 'syncing'}, 'is not synced with west (syncing)'],
  [{gateways: []}, 'has lost the gateway 203.0.113.2:15443 of west'],
  [{hosts: {}}, `has 0 of 2 endpoints of ${host} in west`],
  [{hosts: {[host]: 1}}, `has 1 of 2 endpoints of ${host} in west`],
])('a later view with %j: %s', (change, text) => {
  const loss = lossSince(view, {...view, ...change})
  expect(loss && lossText(loss, 'west')).toBe(text)
})

test('the Service of a host', () => {
  expect(serviceOfHost(host)).toEqual({name: 'helloworld', namespace: 'sample'})
  expect(serviceOfHost('example.com')).toBeUndefined()
})
