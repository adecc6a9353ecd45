import {expect, test} from 'vitest'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import {effectiveBalancing, ruleOf} from '../../../src/features/locality/istio-balancing.ts'
import {coversHost, readMeshHost} from '../../../src/istio/mesh-host.ts'

const rule = (
  namespace: string,
  name: string,
  host: string,
  trafficPolicy: object = {},
  created = '2026-01-01T00:00:00Z',
) =>
  ({
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: {name, namespace, creationTimestamp: created},
    spec: {host, trafficPolicy},
  }) satisfies KubernetesObject
const scope = {namespace: 'sample', rootNamespace: 'istio-system', clusterDomain: 'cluster.local'}
const host = 'web.sample.svc.cluster.local'

test('the rule of the service namespace goes before the root namespace, the exact host before a wildcard, the oldest first', () => {
  const root = rule('istio-system', 'root', host)
  const wide = rule('sample', 'wide', '*.sample.svc.cluster.local')
  const short = rule('sample', 'short', 'web', {}, '2026-02-01T00:00:00Z')
  const older = rule('sample', 'older', host)
  const other = rule('shop', 'other', host)
  expect(ruleOf(host, [other], scope)).toBeUndefined()
  expect(ruleOf(host, [other, root], scope)).toBe(root)
  expect(ruleOf(host, [root, wide], scope)).toBe(wide)
  expect(ruleOf(host, [wide, short, root], scope)).toBe(short)
  expect(ruleOf(host, [short, older], scope)).toBe(older)
})

test('rule before traffic distribution before mesh config', () => {
  const own = {failover: [{from: 'a', to: 'b'}]}
  const withRule = rule('sample', 'r', host, {loadBalancer: {localityLbSetting: own}, outlierDetection: {}})
  const trafficDistribution = 'PreferClose'
  const mesh = {enabled: false}
  expect(effectiveBalancing({rule: withRule, trafficDistribution, mesh})).toMatchObject({setting: own, failsOver: true})
  const close = effectiveBalancing({rule: rule('sample', 'r', host), trafficDistribution, mesh})
  expect(close.setting?.failoverPriority).toHaveLength(3)
  expect(close.failsOver).toBe(true)
  expect(effectiveBalancing({rule: undefined, trafficDistribution: undefined, mesh}).setting).toBeUndefined()
  expect(effectiveBalancing({rule: undefined, trafficDistribution: undefined, mesh: undefined})).toMatchObject({
    setting: {},
    failsOver: false,
    source: "Istio's default",
  })
  const off = rule('sample', 'r', host, {loadBalancer: {localityLbSetting: {enabled: false}}})
  expect(effectiveBalancing({rule: off, trafficDistribution, mesh: {}}).setting).toBeUndefined()
})

test.each([
  ['web', 'web.sample.svc.cluster.local', {name: 'web', namespace: 'sample'}],
  ['web.shop.svc', 'web.shop.svc.cluster.local', {name: 'web', namespace: 'shop'}],
  ['web.shop.svc.cluster.local', 'web.shop.svc.cluster.local', {name: 'web', namespace: 'shop'}],
  ['api.example.com', 'api.example.com', undefined],
])('%s is %s', (text, full, service) => {
  expect(readMeshHost(text, 'sample', 'cluster.local')).toEqual({host: full, service})
})

test('a wildcard covers what ends with it', () => {
  expect(['*', '*.svc.cluster.local', host, '*.other.svc.cluster.local'].map(said => coversHost(said, host))).toEqual([
    true,
    true,
    true,
    false,
  ])
})
