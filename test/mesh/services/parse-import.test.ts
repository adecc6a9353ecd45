import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import {buildServiceImport, exportersAnnotation} from '../../../src/mesh/services/objects.ts'
import {dnsNamesOf, parseImports} from '../../../src/mesh/services/parse-import.ts'
import {hostileText} from '../dns/hostile.ts'
import {exporter, hello, place} from './samples-imports.ts'

const host = 'hello.sample.global'
const imported = hello({east: exporter('east')}, {addresses: ['240.241.0.1']})
const valid = JSON.parse(JSON.stringify(buildServiceImport(place, imported)[1]!.object)) as KubernetesObject

function entryWith(spec: object, exporters: unknown = {east: exporter('east')}, name = host): KubernetesObject {
  const text = typeof exporters === 'string' ? exporters : JSON.stringify(exporters)
  const metadata = {...valid.metadata, name, annotations: {[exportersAnnotation]: text}}
  return {...valid, metadata, spec: {...(valid.spec as object), ...spec}}
}

const problemOf = (entry: KubernetesObject) => parseImports([entry]).problems[0]?.message

test('reads what buildServiceImport writes', () => {
  expect(parseImports([valid])).toEqual({imports: [{entry: valid, imported}], invalid: [], problems: []})
})

test('an invalid entry is a problem, and other entries are read', () => {
  const broken = {...valid, metadata: {...valid.metadata, annotations: {}}}
  expect(parseImports([broken, valid])).toEqual({
    imports: [{entry: valid, imported}],
    invalid: [broken],
    problems: [
      {
        message: `ServiceEntry istio-system/${host} is not a valid import and is ignored: annotation ${exportersAnnotation} has no exporters`,
        hints: [expect.stringContaining('delete the ServiceEntry')],
      },
    ],
  })
})

test.each<[string, KubernetesObject, RegExp]>([
  ...['', '{', '[]', 'null', '"x"', '{}'].map((text): [string, KubernetesObject, RegExp] => [
    `annotation ${text}`,
    entryWith({}, text),
    /has no exporters$/,
  ]),
  ['another host', entryWith({hosts: ['bank.prod.svc.cluster.local']}), /is not NAME\.NAMESPACE\.global$/],
  ['no host', entryWith({hosts: 5}), /its host "" is not NAME/],
  ['a long host', entryWith({hosts: [`${'a.'.repeat(99)}global`]}), /its host ".{79}… is not/],
  ['another name', entryWith({}, undefined, 'zz-pay'), /its host is hello\.sample\.global; expected its name$/],
  ['addresses as a text', entryWith({addresses: '1.2.3.4'}), /its addresses are not a list$/],
  [
    'an address with a line',
    entryWith({addresses: ['1.2.3.4"\n}']}),
    /its address "1\.2\.3\.4\\"\\n}" is not an IP address$/,
  ],
  ['a network as address', entryWith({addresses: ['0.0.0.0/0']}), /"0\.0\.0\.0\/0" is not an IP address$/],
  ['a cluster', entryWith({}, {'ea\nst': exporter('east')}), /"ea\\nst" is not the name of a cluster$/],
  [
    'an identity of another namespace',
    entryWith({}, {west: exporter('west', {identities: ['spiffe://cluster.local/ns/team-a/sa/mallory']})}),
    /exporter west: identities .* is not the identity of a workload in namespace sample$/,
  ],
  [
    'several domains',
    entryWith({}, {a: exporter('a'), b: exporter('b', {clusterDomain: 'x.org'})}),
    /the exporters have different DNS domains \(cluster\.local, x\.org\)$/,
  ],
  [
    'no common port',
    entryWith({}, {a: exporter('a'), b: exporter('b', {ports: [{name: 'x', number: 1, protocol: 'TCP'}]})}),
    /the exporters have no port in common$/,
  ],
])('rejects %s', (_, entry, message) => {
  expect(problemOf(entry)).toMatch(message)
})

describe('whatever an entry holds', () => {
  const anything = fc.oneof(
    fc.jsonValue(),
    hostileText('hello.sample.global'),
    hostileText('203.0.113.1'),
    hostileText('spiffe://cluster.local/ns/sample/sa/hello'),
  )
  const field = fc.constantFrom(...Object.keys(exporter('east')))

  test('it is an import or a problem, and never an error', () => {
    fc.assert(
      fc.property(anything, anything, anything, (hosts, addresses, exporters) => {
        const entry = entryWith({hosts, addresses}, exporters)
        const {imports, problems} = parseImports([entry])
        expect([imports.length, problems.length]).toEqual([0, 1])
        expect(problemOf({...entry, spec: hosts})).toBeDefined()
      }),
      {numRuns: 500},
    )
  })

  test('a field of an exporter with another type or character is a problem', () => {
    fc.assert(
      fc.property(field, anything, (name, value) => {
        fc.pre(!(name === 'byLabel' && value === true))
        // Some of these could be valid: a number as a port, a plain text as a network.
        fc.pre(typeof value === 'string' ? /[^\w./-]/.test(value) : typeof value !== 'number')
        const [first, list] = [
          {...exporter('east'), [name]: value},
          {...exporter('east'), [name]: [value]},
        ]
        expect(problemOf(entryWith({}, {east: first}))).toMatch(/exporter east: /)
        expect(problemOf(entryWith({}, {east: list}))).toMatch(/exporter east: /)
      }),
      {numRuns: 500},
    )
  })
})

test('names with addresses are read also from entries whose exporters are invalid', () => {
  const broken = entryWith({}, '')
  const injected = entryWith({addresses: ['1.2.3.4"\n}']})
  expect([...dnsNamesOf([broken, injected])]).toEqual([[host, ['240.241.0.1']]])
})
