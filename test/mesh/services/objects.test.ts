import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import type {Apply} from '../../../src/engine/kubernetes/change.ts'
import {targetOf} from '../../../src/engine/kubernetes/change.ts'
import {refKey} from '../../../src/engine/kubernetes/object.ts'
import {
  buildServiceImport,
  commonPorts,
  type Exporter,
  exportersAnnotation,
  readServiceImport,
  removeServiceImport,
  type ServiceImport,
  servicesApplySet,
  withoutExporters,
} from '../../../src/mesh/services/objects.ts'
import {buildServiceImports} from '../../../src/mesh/services/objects-removal.ts'
import {frozen} from '../../engine/kubernetes/samples.ts'
import {expectGolden, textOfChanges} from '../../support/golden.ts'

const place = {cluster: 'west', systemNamespace: 'istio-system', revision: undefined}

function exporter(cluster: string, more: Partial<Exporter> = {}): Exporter {
  return {
    addresses: [`203.0.113.${cluster.length}`],
    port: 15443,
    network: `net-${cluster}`,
    locality: 'eu/eu-1',
    identities: ['spiffe://cluster.local/ns/sample/sa/hello'],
    ports: [
      {name: 'http', number: 5000, protocol: 'HTTP'},
      {name: 'raw', number: 9000, protocol: undefined},
    ],
    clusterDomain: 'cluster.local',
    ...more,
  }
}

const hello = (exporters: Record<string, Exporter>, more: Partial<ServiceImport> = {}): ServiceImport => ({
  name: 'hello',
  namespace: 'sample',
  exporters,
  addresses: [],
  ...more,
})

const cases: [
  name: string,
  place: typeof place | {cluster: string; systemNamespace: string; revision: string},
  ServiceImport,
][] = [
  ['one-exporter', place, hello({east: exporter('east')})],
  [
    'two-exporters',
    place,
    hello({
      south: exporter('south', {
        addresses: ['203.0.113.21', '2001:db8::21'],
        port: 31443,
        locality: undefined,
        identities: ['spiffe://cluster.local/ns/sample/sa/other', 'spiffe://cluster.local/ns/sample/sa/hello'],
        ports: [{name: 'web', number: 5000, protocol: 'HTTP'}],
      }),
      east: exporter('east'),
    }),
  ],
  [
    'host-name-revision-domain',
    {cluster: 'west', systemNamespace: 'mesh', revision: '1-30'},
    hello({east: exporter('east', {addresses: ['gw.example.org'], clusterDomain: 'k8s.example.com'})}),
  ],
  ['own-address', place, hello({east: exporter('east')}, {addresses: ['240.241.3.7']})],
]

describe.each(cases)('%s', (name, where, imported) => {
  test('golden', async () => {
    await expectGolden(
      `service-export/${name}.yaml`,
      textOfChanges(buildServiceImport(frozen(where), frozen(imported))),
    )
  })

  test('the ServiceEntry tells all of it again', () => {
    const made = buildServiceImport(where, imported).map(({object}) => object)
    const entry = made.find(({kind}) => kind === 'ServiceEntry')!
    const again = readServiceImport(JSON.parse(JSON.stringify(entry)))
    expect(textOfChanges(buildServiceImport(where, again))).toBe(textOfChanges(buildServiceImport(where, imported)))
  })

  test('what is removed is what was made, the name before the rule', () => {
    const made = buildServiceImport(where, imported)
    const gone = removeServiceImport(where, imported)
    expect(gone.map(change => refKey(targetOf(change))).sort()).toEqual(
      made.map(change => refKey(targetOf(change))).sort(),
    )
    const waveOf = (kind: string) => gone.find(({target}) => target.kind === kind)!.wave
    expect(waveOf('ServiceEntry')).toBeGreaterThan(waveOf('DestinationRule'))
    for (const {object, wave} of made) expect(wave).toBe(waveOf(object.kind))
  })

  test('the set finds all of it again', () => {
    const kinds = servicesApplySet(where).kinds.map(({apiVersion, kind}) => `${apiVersion} ${kind}`)
    for (const {object} of buildServiceImport(where, imported))
      expect(kinds).toContain(`${object.apiVersion} ${object.kind}`)
  })
})

const clusterName = fc.stringMatching(/^[a-z][a-z0-9-]{0,6}[a-z0-9]$/)
const port = fc.record({
  name: fc.constantFrom('a', 'b', 'c', 'd'),
  number: fc.integer({min: 1, max: 4}),
  protocol: fc.constantFrom('HTTP', 'TCP', undefined),
})
const anyExporter: fc.Arbitrary<Exporter> = fc.record({
  addresses: fc.uniqueArray(fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain()), {minLength: 1, maxLength: 3}),
  port: fc.constantFrom(15443, 31443),
  network: clusterName,
  locality: fc.constantFrom('eu', 'eu/eu-1', undefined),
  identities: fc.uniqueArray(fc.constantFrom('spiffe://a', 'spiffe://b', 'spiffe://c'), {minLength: 1}),
  ports: fc.uniqueArray(port, {minLength: 1, maxLength: 4, selector: ({number}) => number}),
  clusterDomain: fc.constant('cluster.local'),
})
const anyExporters = fc.dictionary(clusterName, anyExporter, {minKeys: 1, maxKeys: 4, noNullPrototype: true})

interface Entry {
  resolution: string
  subjectAltNames: string[]
  ports: {name: string; number: number}[]
  endpoints: {address: string; ports: Record<string, number>; labels: Record<string, string>}[]
}

const specOf = (changes: readonly Apply[], kind: string) =>
  changes.find(({object}) => object.kind === kind)!.object.spec

describe('any exporters', () => {
  test('each address of each is an endpoint, on its gateway port for every port that is offered', () => {
    fc.assert(
      fc.property(anyExporters, exporters => {
        const entry = specOf(buildServiceImport(place, frozen(hello(exporters))), 'ServiceEntry') as Entry
        expect(entry.endpoints).toHaveLength(Object.values(exporters).flatMap(({addresses}) => addresses).length)
        for (const {address, ports, labels} of entry.endpoints) {
          const from = exporters[labels['kubectl-mesh.io/exporter']!]!
          expect(from.addresses).toContain(address)
          expect(ports).toEqual(Object.fromEntries(entry.ports.map(({name}) => [name, from.port])))
        }
        expect(new Set(entry.subjectAltNames)).toEqual(
          new Set(Object.values(exporters).flatMap(({identities}) => identities)),
        )
      }),
    )
  })

  test('a rule for each port that is offered, and a port is offered only if all have it alike', () => {
    fc.assert(
      fc.property(anyExporters, exporters => {
        const made = buildServiceImport(place, hello(exporters))
        const entry = specOf(made, 'ServiceEntry') as Entry
        const rule = specOf(made, 'DestinationRule') as {
          trafficPolicy: {portLevelSettings: {port: {number: number}; tls: {mode: string; sni: string}}[]}
        }
        expect(rule.trafficPolicy.portLevelSettings).toEqual(
          entry.ports.map(({number}) => ({
            port: {number},
            tls: {mode: 'ISTIO_MUTUAL', sni: `outbound_.${number}_._.hello.sample.svc.cluster.local`},
          })),
        )
        for (const {number, protocol} of commonPorts({exporters}))
          for (const {ports} of Object.values(exporters))
            expect(ports).toContainEqual(expect.objectContaining({number, protocol}))
      }),
    )
  })

  test('neither the order in which they came matters, nor one that has gone again', () => {
    fc.assert(
      fc.property(anyExporters, clusterName, anyExporter, (exporters, guest, more) => {
        fc.pre(!(guest in exporters))
        const text = (all: Record<string, Exporter>) => textOfChanges(buildServiceImport(place, hello(all)))
        const turned = Object.fromEntries(Object.entries(exporters).reverse())
        expect(text(turned)).toBe(text(exporters))
        const [left] = withoutExporters(hello({[guest]: more, ...exporters}), [guest])
        expect(text({...left!.exporters})).toBe(text(exporters))
        expect(withoutExporters(hello(exporters), Object.keys(exporters))).toEqual([])
      }),
    )
  })
})

describe('all imports of a cluster', () => {
  const east = hello({east: exporter('east')}, {addresses: ['240.241.0.1']})
  const other = {...east, name: 'other', addresses: ['240.241.0.2']}
  const record = {addresses: [], dns: 'coredns', dnsForward: [], ownsDnsCapture: false} as const
  const textsOf = (changes: readonly ReturnType<typeof buildServiceImports>[number][]) =>
    changes.map(change => `${change.action} ${targetOf(change).kind} ${targetOf(change).name}`)

  test('the last one takes the record with it', () => {
    const changes = buildServiceImports(place, {before: [east], after: [], hasParent: true, record: undefined})
    expect(textsOf(changes)).toEqual([
      'remove ServiceEntry hello.sample.global',
      'remove DestinationRule hello.sample.global',
      'remove ConfigMap kubectl-mesh-services',
    ])
    expect(buildServiceImports(place, {before: [], after: [], hasParent: false, record})).toEqual([])
  })

  test("the cluster's DNS is told all names that are left", () => {
    const changes = buildServiceImports(place, {before: [east, other], after: [other], hasParent: true, record})
    const edit = changes.find(change => change.action === 'edit')!
    expect(edit.target).toMatchObject({kind: 'ConfigMap', namespace: 'kube-system', name: 'coredns'})
    const [field] = edit.edits
    const text = field?.at === 'text' ? field.edit('.:53 {\n    errors\n}\n') : ''
    expect(text).toContain('240.241.0.2')
    expect(text).not.toContain('240.241.0.1')
  })

  test('nobody but Istio is told where Istio answers', () => {
    const changes = buildServiceImports(place, {
      before: [],
      after: [east],
      hasParent: false,
      record: {...record, dns: 'istio'},
    })
    expect(changes.filter(({action}) => action === 'edit')).toEqual([])
  })
})

test.each(['', '{', '[]', 'null', '"x"'])('an annotation that says %j is told, with what to do', text => {
  const entry = {
    apiVersion: 'networking.istio.io/v1',
    kind: 'ServiceEntry',
    metadata: {name: 'hello.sample.global', namespace: 'istio-system', annotations: {[exportersAnnotation]: text}},
    spec: {hosts: ['hello.sample.global']},
  }
  expect(() => readServiceImport(entry)).toThrow(/was changed and can't be read/)
})
