import {expect, test} from 'vitest'
import {coversHost, exposedHost, exposedHosts, withoutNamespace} from '../../src/istio/exposed-hosts.ts'

const scope = {systemNamespace: 'mesh', clusterDomain: 'east.example'}

// What istiod makes of each form: test/e2e/istiod-facts.test.ts.
test.each([
  ['*', '*'],
  ['*.local', '*.local'],
  ['pay.trade.svc.east.example', 'pay.trade.svc.east.example'],
  ['*/*', '*'],
  ['*/*.global', '*.global'],
  ['trade/*', '*.trade.svc.east.example'],
  ['./*', '*.mesh.svc.east.example'],
  ['trade/pay', 'pay.trade.svc.east.example'],
  ['trade/*.example', '*.trade.svc.east.example'],
  ['trade/*.svc.east.example', '*.trade.svc.east.example'],
  ['trade/*.trade.svc.east.example', '*.trade.svc.east.example'],
  ['trade/pay.trade.svc.east.example', 'pay.trade.svc.east.example'],
  ['trade/pay.shop.svc.east.example', undefined],
  ['trade/*.shop.svc.east.example', undefined],
  ['trade/*.trade.svc.cluster.local', undefined],
  ['trade/pay.trade', undefined],
  ['trade/*.global', undefined],
  ['trade/db.example.org', undefined],
])('%s is written as %s', (entry, host) => expect(exposedHost(entry, scope)).toBe(host))

test('exposedHosts: each host once, without entries that cannot be expressed', () =>
  expect(exposedHosts(['trade/*', '*.trade.svc.east.example', 'trade/*.global', 'b'], scope)).toEqual([
    '*.trade.svc.east.example',
    'b',
  ]))

test.each([
  ['*', '*.a', true],
  ['*.a', 'b.a', true],
  ['*.a', '*.b.a', true],
  ['*.a', '*.a', true],
  ['*.a', 'a', false],
  ['*.a', 'ba', false],
  ['*.a', '*', false],
  ['*.b.a', '*.a', false],
  ['a', '*.a', false],
])('%s covers %s: %s', (outer, inner, expected) => expect(coversHost(outer, inner)).toBe(expected))

test('withoutNamespace', () => {
  expect(withoutNamespace('trade/*.local')).toBe('*.local')
  expect(withoutNamespace('*.local')).toBe('*.local')
})
