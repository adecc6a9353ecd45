import {describe, expect, test} from 'vitest'
import {
  dnsRisk,
  exposureRisk,
  gatewayRisk,
  lifetimeRisk,
  modeRisk,
  serviceTypeRisk,
} from '../../../../src/features/federate/settings/spec-risks.ts'

const hour = 3_600_000

describe('exposureRisk', () => {
  test.each<[string[], string[], RegExp | undefined]>([
    [[], [], undefined],
    [[], ['trade/*'], undefined],
    [['trade/*'], [], /^all Services become reachable from the other clusters, instead of trade\/\*$/],
    [['trade/*'], ['trade/*'], undefined],
    [['trade/*'], ['trade/a.trade.svc.cluster.local'], undefined],
    [['trade/*'], ['shop/*'], /^shop\/\* becomes reachable from the other clusters, in addition to trade\/\*$/],
    [['trade/*'], ['*'], /^\* becomes reachable/],
    [['trade/*'], ['*.trade.svc.cluster.local', 'trade/pay'], undefined],
    [['*.trade.svc.cluster.local'], ['trade/*'], undefined],
    [['trade/*'], ['*.svc.cluster.local'], /^\*\.svc\.cluster\.local becomes reachable/],
    [['trade/*.global'], ['*.global'], /^\*\.global becomes reachable/],
    [['*/*'], ['trade/a'], undefined],
    [['*.trade.svc'], ['a.trade.svc', '*.b.trade.svc'], undefined],
    [['*.trade.svc'], ['xtrade.svc'], /^xtrade\.svc becomes/],
    [['*.trade.svc'], ['trade.svc'], /^trade\.svc becomes/],
    [['a'], ['b', 'c'], /^b, c become reachable/],
  ])('%j to %j', (before, after, expected) => {
    const risk = exposureRisk(before, after, {systemNamespace: 'istio-system', clusterDomain: 'cluster.local'})
    if (expected) expect(risk).toMatch(expected)
    else expect(risk).toBeUndefined()
  })
})

test('lifetimeRisk: longer or endless tokens', () => {
  expect(lifetimeRisk(undefined, undefined)).toBeUndefined()
  expect(lifetimeRisk(undefined, hour)).toBeUndefined()
  expect(lifetimeRisk(2 * hour, hour)).toBeUndefined()
  expect(lifetimeRisk(48 * hour, undefined)).toBe('tokens no longer expire, instead of after 48h')
  expect(lifetimeRisk(hour, 2 * hour)).toBe('tokens expire after 2h, instead of 1h')
})

test('serviceTypeRisk: a gateway that more can reach', () => {
  expect(serviceTypeRisk('LoadBalancer', 'NodePort')).toBeUndefined()
  expect(serviceTypeRisk('NodePort', 'NodePort')).toBeUndefined()
  expect(serviceTypeRisk('NodePort', 'LoadBalancer')).toBe(
    'the east-west gateway changes from NodePort to LoadBalancer: it gets an address outside the cluster',
  )
  expect(serviceTypeRisk('ClusterIP', 'NodePort')).toMatch(/: it becomes reachable on every node$/)
})

test('dnsRisk and modeRisk: any change', () => {
  expect(dnsRisk('coredns', 'coredns')).toBeUndefined()
  expect(dnsRisk('coredns', 'istio')).toBe(
    'the DNS server changes from coredns to istio: names under .global resolve only in pods with a sidecar that captures DNS',
  )
  expect(dnsRisk('istio', 'coredns')).toMatch(/: coredns resolves names under \.global$/)
  expect(modeRisk('gateways', 'gateways')).toBeUndefined()
  expect(modeRisk('gateways', 'multi-primary')).toMatch(/every cluster gets credentials for the API servers/)
})

test('gatewayRisk: a type or source ranges with which more can connect, per cluster', () => {
  const before = {east: {type: 'ClusterIP' as const}, west: {sourceRanges: ['10.0.0.0/8']}}
  expect(gatewayRisk(before, before)).toBeUndefined()
  expect(gatewayRisk({}, {west: {sourceRanges: ['10.0.0.0/8']}})).toBeUndefined()
  expect(gatewayRisk(before, {east: {type: 'NodePort'}, west: before.west})).toMatch(
    /^east: .* from ClusterIP to NodePort/,
  )
  expect(gatewayRisk(before, {})).toBe(
    'west: the load balancer of the east-west gateway accepts connections from any address, instead of 10.0.0.0/8',
  )
  expect(gatewayRisk(before, {west: {sourceRanges: ['10.0.0.0/8', '192.0.2.0/24']}})).toMatch(
    / 192\.0\.2\.0\/24; before/,
  )
})
