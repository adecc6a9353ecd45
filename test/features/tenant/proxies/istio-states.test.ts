import {expect, test} from 'vitest'
import {isConnected, proxyRows, unsyncedTypes} from '../../../../src/features/tenant/proxies/istio-states.ts'
import type {SyncedProxy, SyncState} from '../../../../src/features/tenant/proxies/istio-syncz.ts'
import {podOf, tenantOf} from '../samples.ts'

const tenant = tenantOf('a')
const proxyOf = (name: string, ...states: SyncState[]): SyncedProxy => ({
  ...{name, namespace: 'app-1', cluster: 'east'},
  types: states.map((state, at) => ({type: `T${at}`, state})),
})
const observed = (...proxies: SyncedProxy[]) => ({istiods: [{pod: 'istiod-1', proxies}], unread: []})
const statesOf = (rows: ReturnType<typeof proxyRows>) => rows.map(({proxy, state}) => [proxy, state])

test('a running pod that no istiod knows is disconnected; one that has not started yet is not listed', () => {
  const pods = [podOf('app-1', 'lost', 'a'), podOf('app-1', 'new', 'a', {running: false}), podOf('app-1', 'web', 'a')]
  const rows = proxyRows(tenant, pods, observed(proxyOf('web', 'SYNCED'), proxyOf('vm', 'SYNCED')))
  expect(rows).toMatchObject([
    {proxy: 'app-1/lost', istiod: undefined, state: 'DISCONNECTED', types: []},
    {proxy: 'app-1/vm', istiod: 'istiod-1', cluster: 'east', state: 'SYNCED'},
    {proxy: 'app-1/web', istiod: 'istiod-1', state: 'SYNCED'},
  ])
  expect(rows.map(isConnected)).toEqual([false, true, true])
})

test('the worst state of the types is the state of the proxy; a type that was not sent is not out of sync', () => {
  const rows = proxyRows(
    tenant,
    [podOf('app-1', 'e', 'a')],
    observed(
      proxyOf('a', 'SYNCED', 'NOT SENT'),
      proxyOf('b', 'SYNCED', 'STALE'),
      proxyOf('c', 'STALE', 'ERROR'),
      proxyOf('d', 'NOT SENT'),
      proxyOf('e'),
    ),
  )
  expect(rows.map(({state}) => state)).toEqual(['SYNCED', 'STALE', 'ERROR', 'NOT SENT', 'NOT SENT'])
  expect(rows.map(unsyncedTypes)).toEqual(['', 'T1 STALE', 'T0 STALE, T1 ERROR', '', ''])
})

test('if an istiod could not be asked, a proxy that the others do not know is unknown', () => {
  const pods = [podOf('app-1', 'lost', 'a'), podOf('app-1', 'web', 'a'), podOf('app-2', 'other', 'b')]
  const some = {...observed(proxyOf('web', 'SYNCED')), unread: ['403']}
  expect(statesOf(proxyRows(tenant, pods, some))).toEqual([
    ['app-1/lost', 'UNKNOWN'],
    ['app-1/web', 'SYNCED'],
  ])
  expect(statesOf(proxyRows(tenantOf('a', {replicas: 2}), pods, observed(proxyOf('web', 'SYNCED'))))).toEqual([
    ['app-1/lost', 'UNKNOWN'],
    ['app-1/web', 'SYNCED'],
  ])
  for (const none of [undefined, {istiods: [], unread: ['403']}])
    expect(statesOf(proxyRows(tenant, pods, none))).toEqual([
      ['app-1/lost', 'UNKNOWN'],
      ['app-1/web', 'UNKNOWN'],
    ])
})

test('a client without a subscription is no proxy, unless a pod has its name', () => {
  const pods = [podOf('app-1', 'web', 'a')]
  expect(statesOf(proxyRows(tenant, pods, observed(proxyOf('test-1'), proxyOf('web'))))).toEqual([
    ['app-1/web', 'NOT SENT'],
  ])
})
