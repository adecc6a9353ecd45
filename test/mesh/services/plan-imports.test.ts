import {describe, expect, test} from 'vitest'
import {noDns} from '../../../src/mesh/dns/facts.ts'
import {type Exporter, type ServiceImport, servicesApplySet} from '../../../src/mesh/services/objects.ts'
import type {Offer} from '../../../src/mesh/services/offers.ts'
import {planImports} from '../../../src/mesh/services/plan-imports.ts'
import type {ImportingCluster} from '../../../src/mesh/services/read.ts'
import {base, object} from './samples.ts'

const exporter: Exporter = {
  addresses: ['203.0.113.1'],
  port: 15443,
  network: 'n',
  identities: ['spiffe://x'],
  ports: [{name: 'http', number: 80, protocol: 'HTTP'}],
  clusterDomain: 'cluster.local',
}
const offer = (cluster: string, more: Partial<Exporter> = {}): Offer => ({
  name: 'hello',
  namespace: 'sample',
  cluster,
  exporter: {...exporter, ...more},
  notes: [],
})
const importing = (imports: ServiceImport[] = [], more: Partial<ImportingCluster> = {}): ImportingCluster => ({
  ...base('west'),
  members: [],
  unrecorded: [],
  lost: [],
  foreignEntries: [],
  outsideEntries: [],
  rules: [],
  invalid: [],
  problems: [],
  imports,
  set: servicesApplySet({systemNamespace: 'istio-system'}),
  replaced: [],
  hasParent: false,
  dns: noDns,
  ...more,
})
const known = (exporters: Record<string, Exporter>, addresses: string[] = []): ServiceImport => ({
  name: 'hello',
  namespace: 'sample',
  exporters,
  addresses,
})
const never = () => false

describe('planImports', () => {
  test('keeps exporters, adds new ones and ignores the offer of the importing cluster', () => {
    const {imports} = planImports(importing([known({east: exporter})]), [offer('south'), offer('west')], never)
    expect(imports.map(({exporters}) => Object.keys(exporters))).toEqual([['east', 'south']])
  })

  test('removes withdrawn exporters, and the import with the last one', () => {
    const both = importing([known({east: exporter, south: exporter})])
    expect(planImports(both, [], ({cluster}) => cluster === 'east').imports[0]!.exporters).toEqual({south: exporter})
    expect(planImports(both, [], () => true).imports).toEqual([])
  })

  test('refuses a host that an unmanaged ServiceEntry has', () => {
    const theirs = object('ServiceEntry', 'theirs', {hosts: ['a.b', 'hello.sample.global']})
    const {imports, refusals} = planImports(importing([], {foreignEntries: [theirs]}), [offer('east')], never)
    expect(imports).toEqual([])
    expect(refusals[0]!.reason).toMatch(/ServiceEntry sample\/theirs, .*, has the host hello.sample.global/)
  })

  test('refuses a host that an invalid import has, and keeps its address free', () => {
    const record = {addresses: [], dns: 'coredns', dnsForward: [], ownsDnsCapture: false} as const
    const [first] = planImports(importing([], {record}), [offer('east')], never).imports
    const invalid = [object('ServiceEntry', 'x', {hosts: ['x.y.global'], addresses: first!.addresses})]
    const {imports} = planImports(importing([], {record, invalid}), [offer('east')], never)
    expect(imports[0]!.addresses).not.toEqual(first!.addresses)
    const same = [object('ServiceEntry', 'hello.sample.global', {hosts: ['hello.sample.global']})]
    expect(planImports(importing([], {invalid: same}), [offer('east')], never).refusals[0]!.reason).toMatch(
      /ServiceEntry sample\/hello\.sample\.global, which is not a valid import, has the host/,
    )
  })

  test('entries of other namespaces change nothing', () => {
    const record = {addresses: [], dns: 'coredns', dnsForward: [], ownsDnsCapture: false} as const
    const plan = planImports(importing([], {record}), [offer('east')], never)
    const {addresses} = plan.imports[0]!
    const outsideEntries = [object('ServiceEntry', 'theirs', {hosts: ['hello.sample.global'], addresses})]
    expect(planImports(importing([], {record, outsideEntries}), [offer('east')], never)).toEqual(plan)
  })

  test('refuses exporters without a common port or domain, and notes omitted ports', () => {
    const before = importing([known({east: exporter})])
    const tcp = {...exporter.ports[0]!, protocol: 'TCP'}
    expect(planImports(before, [offer('south', {ports: [tcp]})], never)).toMatchObject({
      imports: [{exporters: {east: exporter}}],
      refusals: [{reason: expect.stringMatching(/no port in common in east, south/)}],
    })
    expect(planImports(before, [offer('south', {clusterDomain: 'x.org'})], never).refusals[0]!.reason).toMatch(
      /DNS domains/,
    )
    const more = [...exporter.ports, {name: 'b', number: 81, protocol: 'HTTP'}]
    expect(planImports(before, [offer('south', {ports: more})], never).notes[0]!.text).toMatch(
      /port 81 of south is omitted/,
    )
  })

  test('allocates stable, unused addresses unless Istio resolves the names', () => {
    const record = {addresses: [], dns: 'coredns', dnsForward: [], ownsDnsCapture: false} as const
    const first = planImports(importing([], {record}), [offer('east')], never).imports[0]!.addresses
    expect(first).toHaveLength(1)
    const second = importing([known({east: exporter}, ['240.241.9.9'])], {record})
    expect(planImports(second, [offer('east')], never).imports[0]!.addresses).toEqual(['240.241.9.9'])
    for (const entry of [
      object('ServiceEntry', 'x', {addresses: first}),
      object('ServiceEntry', 'x', {}, {}, {addresses: [{value: first[0]}]}),
    ])
      expect(
        planImports(importing([], {record, foreignEntries: [entry]}), [offer('east')], never).imports[0]!.addresses,
      ).not.toEqual(first)
    const istio = importing([known({east: exporter}, ['240.241.9.9'])])
    expect(planImports(istio, [offer('east')], never).imports[0]!.addresses).toEqual([])
  })
})
