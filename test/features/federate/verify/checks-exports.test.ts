import fc from 'fast-check'
import {expect, test} from 'vitest'
import type {KubernetesObject} from '../../../../src/engine/kubernetes/object.ts'
import {outdatedImports} from '../../../../src/features/federate/verify/checks-exports.ts'
import {buildServiceImport, exportersAnnotation} from '../../../../src/mesh/services/objects.ts'
import {parseImports} from '../../../../src/mesh/services/parse-import.ts'
import type {ExportingCluster} from '../../../../src/mesh/services/read.ts'
import {gatewayService} from '../../../mesh/samples.ts'
import {balanced, entryOf, exporting, gateway, host, importing, pod, service} from './samples-imports.ts'

const exportCommand = 'kubectl mesh service export hello -n sample --contexts east --to west'

function outdated(entries: readonly KubernetesObject[], east: ExportingCluster | undefined, flags: string[] = []) {
  const all = importing(entries, east)
  return outdatedImports(all[1]!, all, flags)
}

const before = entryOf(exporting())

test('an import that was just exported is current', () => expect(outdated([before], exporting())).toEqual([]))

test.each([
  [
    'another address',
    {networkGateways: [balanced('203.0.113.12', '203.0.113.11')]},
    `${host} points to 203.0.113.11; the gateway of east is at 203.0.113.11, 203.0.113.12`,
  ],
  [
    'another port',
    {
      networkGateways: [
        gatewayService('net-east', {
          labels: {'networking.istio.io/gatewayPort': '31443'},
          spec: {ports: [{port: 31_443}], externalIPs: ['203.0.113.11']},
        }),
      ],
    },
    `${host} points to 203.0.113.11 port 15443; the gateway of east is at 203.0.113.11 port 31443`,
  ],
  ['another service account', {pods: [pod('new')]}, `${host} accepts only sa/hello; its pods in east run as sa/new`],
  [
    'another port of the Service',
    {services: [{...service, spec: {...(service.spec as object), ports: [{port: 80}, {name: 'http', port: 5000}]}}]},
    `${host} has ports 5000/HTTP; the Service in east has 5000/HTTP, 80`,
  ],
])('%s: the hint is the export that corrects it', (_, more, message) =>
  expect(outdated([before], exporting(more))).toEqual([{message, hints: [exportCommand]}]),
)

test('identities in other namespaces or trust domains are shown in full', () => {
  const other = {...before, metadata: {...before.metadata, annotations: undefined}}
  const text = before.metadata.annotations![exportersAnnotation]!.replace('spiffe://cluster.local', 'spiffe://old')
  const found = outdated(
    [{...other, metadata: {...before.metadata, annotations: {[exportersAnnotation]: text}}}],
    exporting(),
  )
  expect(found.map(({message}) => message)).toContain(
    `${host} accepts only spiffe://old/ns/sample/sa/hello; its pods in east run as spiffe://cluster.local/ns/sample/sa/hello`,
  )
})

test('a service account that no pod uses any more', () => {
  const both = entryOf(exporting({pods: [pod('hello'), pod('old')]}))
  expect(outdated([both], exporting()).map(({message}) => message)).toEqual([
    `${host} still accepts sa/old; its pods in east run as sa/hello`,
  ])
})

test('without a pod, the exported service account stays valid', () =>
  expect(outdated([before], exporting({pods: []}))).toEqual([]))

test('a Service that the gateway no longer exposes', () =>
  expect(outdated([before], exporting({gateways: [gateway(['other.sample.svc.cluster.local'])]}))).toEqual([
    {
      message: `east can no longer export ${host}: Service sample/hello is not exposed by the gateway of east: no Gateway with mode AUTO_PASSTHROUGH has the host hello.sample.svc.cluster.local`,
      hints: [expect.stringContaining('--expose'), `then ${exportCommand}`],
    },
  ]))

test('a deleted Service: the hint is unexport', () =>
  expect(outdated([before], exporting({services: []}))).toEqual([
    {
      message: `${host} is imported from east, but Service sample/hello no longer exists there`,
      hints: [exportCommand.replace('export', 'unexport')],
    },
  ]))

test('a ServiceEntry that was edited', () => {
  const edited = {...before, spec: {...(before.spec as object), subjectAltNames: ['spiffe://x']}}
  expect(outdated([edited], exporting())).toEqual([
    {
      message: `ServiceEntry ${host} was edited after the export: subjectAltNames`,
      hints: [`${exportCommand} --force-conflicts`],
    },
  ])
})

test.each(['{', '{}', '{"east": 5}', '{"east": {"addresses": ["203.0.113.11"]}}'])(
  'an annotation %s is reported, and the other imports are compared',
  text => {
    const broken = {...before, metadata: {...before.metadata, annotations: {[exportersAnnotation]: text}}}
    const messages = outdated([broken, before], exporting({pods: [pod('new')]})).map(({message}) => message)
    expect(messages).toEqual([
      expect.stringMatching(/is not a valid import and is ignored: annotation /),
      expect.stringContaining('accepts only'),
    ])
  },
)

test('an exporter that is not verified, or not reachable, is not compared', () => {
  expect(outdated([before], undefined)).toEqual([])
  expect(outdated([before], exporting({name: 'orient'}))).toEqual([])
})

test('the command selects the control planes and the cluster domain', () => {
  const imported = parseImports([before]).imports[0]!.imported
  const east = {...imported.exporters.east!, clusterDomain: 'k8s.example.com'}
  const [, {object}] = buildServiceImport(
    {cluster: 'west', systemNamespace: 'mesh', revision: undefined},
    {...imported, exporters: {east}},
  ) as [unknown, {object: KubernetesObject}]
  const open = {gateways: [gateway(['*'])], pods: [pod('new')]}
  expect(outdated([object], exporting(open), ['--system-namespace', 'mesh'])[0]?.hints).toEqual([
    `${exportCommand} --cluster-domain k8s.example.com --system-namespace mesh`,
  ])
})

test('every import is current until its export changes', () => {
  const exported = fc.record({
    accounts: fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), {minLength: 1}),
    addresses: fc.uniqueArray(fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain()), {minLength: 1, maxLength: 3}),
    ports: fc.uniqueArray(fc.integer({min: 1, max: 9}), {minLength: 1}),
  })
  const exporterOf = ({accounts, addresses, ports}: typeof exported extends fc.Arbitrary<infer T> ? T : never) =>
    exporting({
      networkGateways: [balanced(...addresses)],
      pods: accounts.map(pod),
      services: [{...service, spec: {selector: {app: 'hello'}, ports: ports.map(port => ({port}))}}],
    })
  const sorted = (all: {accounts: string[]; addresses: string[]; ports: number[]}) =>
    JSON.stringify(Object.values(all).map(list => [...list].sort()))
  fc.assert(
    fc.property(exported, exported, (one, other) => {
      expect(outdated([entryOf(exporterOf(one))], exporterOf(one))).toEqual([])
      const same = sorted(one) === sorted(other)
      expect(outdated([entryOf(exporterOf(one))], exporterOf(other)).length === 0).toBe(same)
    }),
  )
})
