import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import type {Apply} from '../../../src/engine/kubernetes/change.ts'
import {targetOf} from '../../../src/engine/kubernetes/change.ts'
import {refKey} from '../../../src/engine/kubernetes/object.ts'
import {
  buildServiceImport,
  commonPorts,
  type Exporter,
  type ImportPlace,
  removeServiceImports,
  type ServiceImport,
  servicesApplySet,
  withoutExporters,
} from '../../../src/mesh/services/objects.ts'
import {parseImports} from '../../../src/mesh/services/parse-import.ts'
import {frozen} from '../../engine/kubernetes/samples.ts'
import {expectGolden, textOfChanges} from '../../support/golden.ts'
import {exporter, hello, place} from './samples-imports.ts'

const cases: [name: string, place: ImportPlace, ServiceImport][] = [
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
  [
    'tenant',
    {cluster: 'west', systemNamespace: 'istio-team', revision: 'team', isTenant: true},
    hello({east: exporter('east')}),
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

  test('the import can be read from the ServiceEntry', () => {
    const objects = buildServiceImport(where, imported).map(({object}) => object)
    const entry = objects.find(({kind}) => kind === 'ServiceEntry')!
    const {imports} = parseImports([JSON.parse(JSON.stringify(entry))])
    expect(textOfChanges(buildServiceImport(where, imports[0]!.imported))).toBe(
      textOfChanges(buildServiceImport(where, imported)),
    )
  })

  test('removal covers all objects, the ServiceEntry before the DestinationRule', () => {
    const objects = buildServiceImport(where, imported)
    const live = objects.map(({object}) => ({...object, metadata: {...object.metadata, uid: `uid of ${object.kind}`}}))
    const removals = removeServiceImports('west', live)
    expect(removals.map(({uid, target}) => [uid, target.kind])).toEqual(live.map(({kind}) => [`uid of ${kind}`, kind]))
    expect(removals.map(change => refKey(targetOf(change))).sort()).toEqual(
      objects.map(change => refKey(targetOf(change))).sort(),
    )
    const waveOf = (kind: string) => removals.find(({target}) => target.kind === kind)!.wave
    expect(waveOf('ServiceEntry')).toBeGreaterThan(waveOf('DestinationRule'))
    for (const {object, wave} of objects) expect(wave).toBe(waveOf(object.kind))
  })

  test('the ApplySet contains every kind', () => {
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
  test('each address of an exporter is an endpoint with its gateway port for every port', () => {
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

  test('each port has a TLS setting, and only ports that all exporters have in common are included', () => {
    fc.assert(
      fc.property(anyExporters, exporters => {
        const objects = buildServiceImport(place, hello(exporters))
        const entry = specOf(objects, 'ServiceEntry') as Entry
        const rule = specOf(objects, 'DestinationRule') as {
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

  test('the order of exporters and removed exporters do not matter', () => {
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
