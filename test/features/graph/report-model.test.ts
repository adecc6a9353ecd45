import {describe, expect, test} from 'vitest'
import {graphOf} from '../../../src/features/graph/report-model.ts'
import {gatewayService, member} from '../../mesh/samples.ts'
import {facts, graph, healthyFacts, importEntry, row} from './samples.ts'

const cluster = (name: string, from = graph()) => from.clusters.find(one => one.name === name)!

test('a cluster has its gateways, tenants, VMs and localities; the control plane of the mesh is no tenant', () => {
  expect(cluster('east')).toMatchObject({
    ...{network: 'net-east', istio: '1.31.0', state: 'ok', problems: []},
    ca: {root: '3a:91:…:aa', sameRoot: true, daysLeft: 364, state: 'ok'},
    gateways: [{addresses: ['203.0.113.11']}],
    tenants: [{name: 'group-1', ready: 0, namespaces: 2}],
    vms: [
      {name: 'web', connected: true},
      {name: 'web', connected: false},
    ],
    localities: [{locality: 'eu/eu-1a', nodes: 3}, {locality: '-'}],
  })
})

test('a cluster that does not answer is broken and has no values', () => {
  expect(cluster('south')).toMatchObject({
    ...{state: 'broken', network: null, istio: null, ca: null, gateways: [], tenants: []},
    problems: [{state: 'broken', check: null, message: 'not reachable: connect ETIMEDOUT 203.0.113.13:6443'}],
  })
})

test('a finding belongs to its cluster, or to the mesh', () => {
  expect(cluster('west').problems.map(({check}) => check)).toEqual(['gateway-pods', 'credential-layout'])
  expect(graph().problems).toEqual([{state: 'warning', check: 'mesh-id', message: 'mesh IDs differ: a, b'}])
})

test('a part that was not read is a warning of its cluster', () => {
  const all = healthyFacts()
  const unread = [{level: 'warning' as const, check: 'graph-read', cluster: 'east', message: 'VMs cannot be read: 403'}]
  const parts = new Map([['east', {tenants: [], vms: [], localities: [], unread}]])
  expect(cluster('east', graphOf({...all, parts}))).toMatchObject({
    state: 'warning',
    problems: [{check: 'graph-read', message: 'VMs cannot be read: 403'}],
  })
})

describe('the CA', () => {
  const caOf = (more: Parameters<typeof row>[1]) => {
    const all = healthyFacts()
    return cluster('east', graphOf({...all, report: {...all.report, rows: [row('east', more)]}})).ca
  }
  const inDays = (days: number) => new Date(Date.parse('2026-11-29T12:00:00Z') + days * 86_400_000)
  test.each([
    [{caExpires: inDays(30)}, 'ok', 30],
    [{caExpires: inDays(29.9)}, 'warning', 29],
    [{caExpires: inDays(0.5)}, 'warning', 0],
    [{caExpires: inDays(-0.5)}, 'broken', -1],
    [{sameRoot: false}, 'broken', 364],
    [{root: '-', sameRoot: false}, 'ok', 364],
    [{caExpires: undefined}, 'ok', null],
  ])('%o is %s', (more, state, daysLeft) => {
    expect(caOf(more)).toMatchObject({state, daysLeft})
  })

  test('of a cluster without any is null', () => {
    expect(caOf({root: '-', sameRoot: false, caExpires: undefined})).toBeNull()
  })
})

test('exports are merged across importers and sorted', () => {
  const all = healthyFacts()
  const importer = (name: string, imports: Parameters<typeof importEntry>[]) =>
    member(name, {imports: imports.map(one => importEntry(...one))})
  const members = [
    importer('west', [
      ['b.shop.global', ['east', 'south']],
      ['a.shop.global', ['east']],
    ]),
    importer('east', [['b.shop.global', ['south']]]),
  ]
  expect(graphOf({...all, members}).exports).toEqual([
    {service: 'a.shop.global', exporters: ['east'], importers: ['west']},
    {service: 'b.shop.global', exporters: ['east', 'south'], importers: ['east', 'west']},
  ])
})

test('a gateway without an address is shown without one', () => {
  const all = facts()
  const members = [member('east', {networkGateways: [gatewayService('net-east', {})]})]
  expect(cluster('east', graphOf({...all, members})).gateways).toMatchObject([{addresses: []}])
})
