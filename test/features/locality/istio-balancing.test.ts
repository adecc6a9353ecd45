import {expect, test} from 'vitest'
import {
  effectiveBalancing,
  exactRule,
  policyOf,
  ruleOf,
  scopeOf,
  trafficDistributionOf,
} from '../../../src/features/locality/istio-balancing.ts'
import {coversHost, readMeshHost} from '../../../src/istio/mesh-host.ts'
import {localityFacts, object, planeFacts} from '../federate/samples-mesh.ts'
import {rule, webService} from './samples.ts'

const scope = {namespace: 'sample', rootNamespace: 'istio-system', clusterDomain: 'cluster.local'}
const host = 'web.sample.svc.cluster.local'

test('the service namespace takes precedence over the root namespace, the exact host over a wildcard, the oldest rule over newer ones', () => {
  const root = rule('istio-system/root', host)
  const wide = rule('sample/wide', '*.sample.svc.cluster.local')
  const short = rule('sample/short', 'web', {}, {creationTimestamp: '2026-02-01T00:00:00Z'})
  const older = rule('sample/older', host, {}, {creationTimestamp: '2026-01-01T00:00:00Z'})
  const other = rule('shop/other', host)
  expect(ruleOf(host, [other], scope)).toBeUndefined()
  expect(ruleOf(host, [other, root], scope)).toBe(root)
  expect(ruleOf(host, [root, wide], scope)).toBe(wide)
  expect(ruleOf(host, [wide, short, root], scope)).toBe(short)
  expect(ruleOf(host, [short, older], scope)).toBe(older)
})

test('a rule takes precedence over traffic distribution, which takes precedence over the mesh config', () => {
  const own = {failover: [{from: 'a', to: 'b'}]}
  const withRule = rule('sample/r', host, {loadBalancer: {localityLbSetting: own}, outlierDetection: {}})
  const trafficDistribution = 'PreferClose'
  const mesh = {enabled: false}
  expect(effectiveBalancing({rule: withRule, trafficDistribution, mesh})).toMatchObject({setting: own, failsOver: true})
  const close = effectiveBalancing({rule: rule('sample/r', host), trafficDistribution, mesh})
  expect(close.setting?.failoverPriority).toHaveLength(3)
  expect(close.failsOver).toBe(true)
  expect(effectiveBalancing({rule: undefined, trafficDistribution: undefined, mesh}).setting).toBeUndefined()
  expect(effectiveBalancing({rule: undefined, trafficDistribution: undefined, mesh: undefined})).toMatchObject({
    setting: {},
    failsOver: false,
    source: "Istio's default",
  })
  const off = rule('sample/r', host, {loadBalancer: {localityLbSetting: {enabled: false}}})
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

test('a wildcard covers the hosts that end with it', () => {
  expect(
    ['*', '*.svc.cluster.local', host, '*.other.svc.cluster.local'].map(pattern => coversHost(pattern, host)),
  ).toEqual([true, true, true, false])
})

test('a DestinationRule for exactly the host, in the namespace of its service', () => {
  const exact = rule('sample/exact', 'web')
  const meshHost = readMeshHost('web', 'sample', 'cluster.local')
  const rules = [rule('sample/wide', '*.sample.svc.cluster.local'), rule('shop/other', host), exact]
  expect(exactRule(meshHost, rules, scope)).toBe(exact)
  expect(exactRule(meshHost, rules.slice(0, 2), scope)).toBeUndefined()
})

test('rules are looked up in the namespace of the service, else of the host, else of istiod', () => {
  const spec = {systemNamespace: 'istio-system', clusterDomain: 'cluster.local'}
  const entry = object('ServiceEntry', 'egress/api', {spec: {hosts: ['api.example.com']}})
  const facts = localityFacts({serviceEntries: [entry], mesh: {rootNamespace: 'root'}})
  const namespaces = ['api.example.com', 'web', 'other.example.com'].map(
    text => scopeOf(readMeshHost(text, 'shop', 'cluster.local'), facts, spec).namespace,
  )
  expect(namespaces).toEqual(['egress', 'shop', 'istio-system'])
  expect(scopeOf(readMeshHost('web', 'shop', 'cluster.local'), facts, spec).rootNamespace).toBe('root')
})

test('zoneAwareLbSetting turns the computed order off', () => {
  const zoneAware = rule('sample/r', host, {loadBalancer: {zoneAwareLbSetting: {}}, outlierDetection: {}})
  expect(policyOf(zoneAware).outlierDetection).toEqual({})
  expect(effectiveBalancing({rule: zoneAware, trafficDistribution: 'PreferClose', mesh: {}})).toEqual({
    setting: undefined,
    failsOver: true,
    source: 'DestinationRule sample/r',
    zoneAware: true,
  })
})

test('traffic distribution from the field, the annotation or the namespace; not before Istio 1.25', () => {
  const annotations = {'networking.istio.io/traffic-distribution': 'PreferSameNode'}
  const namespaces = [object('Namespace', 'shop', {metadata: {annotations}})]
  const facts = localityFacts({namespaces})
  expect(trafficDistributionOf(webService, facts)).toBe('PreferSameNode')
  expect(trafficDistributionOf({...webService, spec: {trafficDistribution: 'PreferClose'}}, facts)).toBe('PreferClose')
  expect(
    trafficDistributionOf(webService, localityFacts({namespaces, controlPlane: planeFacts({version: '1.24.6'})})),
  ).toBeUndefined()
  expect(trafficDistributionOf(webService, localityFacts())).toBeUndefined()
})
