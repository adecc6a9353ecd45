import {describe, expect, test} from 'vitest'
import {meshChecks} from '../../../../src/features/federate/preflight/checks-mesh.ts'
import type {ControlPlane} from '../../../../src/istio/control-plane.ts'
import {controlPlane, facts} from '../../../mesh/samples.ts'
import {cases} from './cases.ts'
import {type Case, type Differs, findingsOf, subject, testCases} from './samples.ts'

const sameNetwork = {
  west: {
    namespace: facts('east').namespace,
    controlPlanes: [controlPlane('west', {network: 'net-east'})],
  },
}
const selectors = [{matchLabels: {'istio-discovery': 'enabled'}}]
const selective: Differs = {east: {controlPlanes: [controlPlane('east', {discoverySelectors: selectors})]}}

const own: Case[] = [
  {
    check: 'distinct-networks',
    what: 'the network of another cluster',
    level: 'warning',
    cluster: 'west',
    message: /^the network is net-east, as in east: pods must reach the pod IPs/,
    hint: /--network west=NETWORK, [\s\S]*--single-network$/,
    subject: () => subject(sameNetwork),
  },
  {
    check: 'system-namespace-discovered',
    what: 'discoverySelectors of one istiod that do not select the namespace of the other cluster',
    level: 'error',
    cluster: 'west',
    message: /^istiod of east does not watch namespace istio-system/,
    hint: /^kubectl --context west label namespace istio-system istio-discovery=enabled$/,
    subject: () => {
      const namespace = facts('east').namespace!
      const labels = {...namespace.metadata.labels, 'istio-discovery': 'enabled'}
      return subject({east: {...selective.east, namespace: {...namespace, metadata: {...namespace.metadata, labels}}}})
    },
  },
]

testCases(meshChecks, [...cases, ...own])

const idsOf = (differs: Differs) => findingsOf(subject(differs)).map(({check, cluster}) => `${check} ${cluster}`)

describe('one network', () => {
  test('is no finding with --single-network, or if both networks are requested', () => {
    expect(idsOf({...sameNetwork, raw: {singleNetwork: true}})).toEqual([])
    expect(idsOf({...sameNetwork, raw: {network: ['east=net-east', 'west=net-east']}})).toEqual([])
    expect(idsOf({...sameNetwork, raw: {network: ['west=net-east']}})).toEqual(['distinct-networks west'])
  })
})

describe('discoverySelectors', () => {
  test('each namespace that some istiod ignores is reported', () => {
    expect(idsOf(selective)).toEqual(['system-namespace-discovered east', 'system-namespace-discovered west'])
  })

  test('in gateways mode an istiod reads only its own cluster', () => {
    const found = idsOf({...selective, raw: {mode: 'gateways', captureDns: true}})
    expect(found).toEqual(['system-namespace-discovered east'])
  })

  test('on a single network no gateway is needed', () => {
    const flat = {controlPlanes: [controlPlane('east', {network: 'net-west', discoverySelectors: selectors})]}
    expect(idsOf({east: flat, raw: {singleNetwork: true}})).toEqual([])
  })

  test('selectors without a single label give no label to copy', () => {
    const expressions = [{matchExpressions: [{key: 'team', operator: 'Exists' as const}]}]
    const east = {controlPlanes: [controlPlane('east', {discoverySelectors: expressions})]}
    const [found] = findingsOf(subject({east}))
    expect(found?.hints).toEqual(['kubectl --context east label namespace istio-system KEY=VALUE'])
  })
})

describe('trust domains', () => {
  const plane = (name: string, domain: string, more: Partial<ControlPlane> = {}) =>
    controlPlane(name, {
      trustDomain: domain,
      acceptedTrustDomains: [domain, ...(more.trustDomainAliases ?? [])],
      ...more,
    })
  const withAliases = (east: string[], west: string[]): Differs => ({
    east: {controlPlanes: [plane('east', 'east.example', {trustDomainAliases: east})]},
    west: {controlPlanes: [plane('west', 'west.example', {trustDomainAliases: west})]},
  })

  test('that name each other as aliases are accepted', () => {
    expect(idsOf(withAliases(['west.example'], ['east.example']))).toEqual([])
  })

  test('are reported for the cluster that does not accept the other', () => {
    expect(idsOf(withAliases([], ['east.example']))).toEqual(['trust-domain east'])
    expect(idsOf(withAliases([], []))).toEqual(['trust-domain east', 'trust-domain west'])
  })

  test('a requested trust domain has to be accepted', () => {
    expect(idsOf({raw: {trustDomain: 'mesh.example'}})).toEqual(['trust-domain east', 'trust-domain west'])
  })

  test('no hint changes a trust domain, and existing aliases stay', () => {
    const differs = {...withAliases(['old.example'], []), raw: {trustDomain: 'east.example', meshId: 'm2'}}
    const hints = findingsOf(subject(differs)).flatMap(({hints: all = []}) => all)
    expect(hints.join('\n')).not.toMatch(/trustDomain=/)
    expect(hints.join('\n')).toContain(
      "--set 'meshConfig.trustDomainAliases[0]=old.example' --set 'meshConfig.trustDomainAliases[1]=west.example'",
    )
  })
})
