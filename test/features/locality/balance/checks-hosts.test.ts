import {expect, test} from 'vitest'
import {hostsExist, localitiesExist, nothingDropped} from '../../../../src/features/locality/balance/checks-hosts.ts'
import {findingsOf} from './samples.ts'

const checks = [hostsExist, localitiesExist, nothingDropped]

test('hosts that are not in the mesh', () => {
  expect(findingsOf(checks, {hosts: ['web', 'db', 'web.shop']})).toEqual([
    'error hosts: db.shop.svc.cluster.local is neither a Service nor a host of a ServiceEntry',
    'error hosts: web.shop is neither a Service nor a host of a ServiceEntry',
  ])
})

test('regions and localities without nodes and endpoints, each once', () => {
  expect(findingsOf(checks, {failover: ['x=r', 'r=x']})).toEqual([
    'error places: --failover: no node or endpoint is in region x',
  ])
  expect(findingsOf(checks, {distribute: ['r/z1=r/z9:60,q:40', 'q=r/z9:50,*:50']})).toContain(
    'error places: --distribute: no node or endpoint is in r/z9',
  )
  expect(findingsOf(checks, {distribute: ['r=r/z1/*:60,q:40']})).toEqual([])
})

test('localities with endpoints that --distribute does not list', () => {
  expect(findingsOf(checks, {distribute: ['r=r:100']})).toEqual([
    'warning dropped: web.shop.svc.cluster.local: clients in r never use the endpoints in q/z2, even when all others are down',
  ])
})
