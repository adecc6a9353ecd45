import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import type {KubernetesObject} from '../../../../src/engine/kubernetes/object.ts'
import {federationFields} from '../../../../src/features/federate/spec.ts'
import {type VerifySubject, verifyChecks} from '../../../../src/features/federate/verify/checks.ts'
import {findStaleImports} from '../../../../src/features/federate/verify/checks-imports.ts'
import type {SeenCluster, SeenCredential} from '../../../../src/features/federate/verify/read.ts'
import {federationVerifyFields} from '../../../../src/features/federate/verify/spec.ts'
import {verifyClusters} from '../../../../src/features/federate/verify/verify.ts'
import {gatewaysRecordData} from '../../../../src/mesh/record.ts'
import {buildServiceImport, type Exporter, exportersAnnotation} from '../../../../src/mesh/services/objects.ts'
import {offersOf} from '../../../../src/mesh/services/offers.ts'
import type {ExportingCluster} from '../../../../src/mesh/services/read.ts'
import {parseImports} from '../../../../src/mesh/services/read-imports.ts'
import {readSpec} from '../../../../src/spec/read.ts'
import {facts, gatewayService, member} from '../../../mesh/samples.ts'

const export_ = 'kubectl mesh service export hello -n sample --contexts east --to west'
const host = 'hello.sample.global'

const service: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {name: 'hello', namespace: 'sample'},
  spec: {selector: {app: 'hello'}, ports: [{name: 'http', port: 5000}]},
}

function pod(serviceAccountName: string): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {name: 'hello', namespace: 'sample', labels: {app: 'hello', 'security.istio.io/tlsMode': 'istio'}},
    spec: {serviceAccountName},
  }
}

function gateway(hosts: string[]): KubernetesObject {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'Gateway',
    metadata: {name: 'cross-network-gateway', namespace: 'istio-system'},
    spec: {servers: [{hosts, port: {number: 15443}, tls: {mode: 'AUTO_PASSTHROUGH'}}]},
  }
}

function balanced(...addresses: string[]): KubernetesObject {
  return gatewayService('net-east', {status: {loadBalancer: {ingress: addresses.map(ip => ({ip}))}}})
}

/** East as it exports `hello`. */
function exporting(more: Partial<ExportingCluster> = {}): ExportingCluster {
  const {cluster} = facts('east')
  return {
    context: 'east',
    cluster,
    name: 'east',
    network: 'net-east',
    controlPlane: undefined,
    record: undefined,
    networkGateways: [balanced('203.0.113.11')],
    gateways: [gateway(['*.local'])],
    nodes: [],
    services: [service],
    pods: [pod('hello')],
    workloadEntries: [],
    ...more,
  }
}

/** The ServiceEntry that an export of `east` makes elsewhere. */
function entryOf(east: ExportingCluster, others: Record<string, Exporter> = {}): KubernetesObject {
  const [offer] = offersOf(east, 'cluster.local', new Map()).offers
  const imported = {name: 'hello', namespace: 'sample', exporters: {east: offer!.exporter, ...others}, addresses: []}
  const made = buildServiceImport({cluster: 'west', systemNamespace: 'istio-system', revision: undefined}, imported)
  return made.map(({object}) => object).find(({kind}) => kind === 'ServiceEntry')!
}

const record = (cluster: string): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {name: 'kubectl-mesh-federation'},
  data: {cluster, ...gatewaysRecordData({addresses: [], dns: 'istio', dnsForward: [], ownsDnsCapture: false})},
})

/** East and west, west importing what `entries` say and all its istiods knowing it. */
function seen(
  entries: readonly KubernetesObject[],
  east: ExportingCluster | undefined,
  west: Partial<SeenCluster> = {},
): SeenCluster[] {
  const none = {unreachable: undefined, credentials: [], addresses: [], services: []}
  const view = {pod: 'istiod-west', clusters: [], gateways: [], endpoints: new Map(), external: new Set([host])}
  const sets = {meshNamespaces: new Set<string>(), namespaces: new Set<string>()}
  return [
    {...none, ...sets, member: member('east', {record: record('east')}), istiods: [], exporting: east},
    {
      ...none,
      ...sets,
      member: member('west', {record: record('west'), imports: [...entries]}),
      istiods: [view],
      exporting: exporting({name: 'west', context: 'west', services: []}),
      ...west,
    },
  ]
}

function stale(entries: readonly KubernetesObject[], east: ExportingCluster | undefined, flags: string[] = []) {
  const all = seen(entries, east)
  return findStaleImports(all[1]!, all, flags)
}

/** `CHECK LEVEL: MESSAGE (HINTS)` of west's three checks of gateways mode, and which of them look. */
function checked(all: readonly SeenCluster[], more: Partial<VerifySubject> = {}) {
  const subject = {
    all,
    systemNamespace: 'istio-system',
    gateways: true,
    singleNetwork: false,
    again: 'again',
    flags: [],
  }
  const west = {...subject, me: all[1]!, ...more}
  const ids = ['no-credentials', 'imports-current', 'imports-known']
  const looking = verifyChecks.filter(({id, looks}) => ids.includes(id) && looks(west))
  return {
    looking: looking.map(({id}) => id),
    found: looking.flatMap(({id, run}) =>
      run(west).map(({level = 'error', message, hints = []}) => `${id} ${level}: ${message} (${hints.join('; ')})`),
    ),
  }
}

describe('imports-current', () => {
  const before = entryOf(exporting())

  test('what was just exported is current', () => {
    expect(stale([before], exporting())).toEqual([])
    expect(checked(seen([before], exporting()))).toEqual({
      looking: ['no-credentials', 'imports-current', 'imports-known'],
      found: [],
    })
  })

  test.each([
    [
      'another address',
      {networkGateways: [balanced('203.0.113.12', '203.0.113.11')]},
      `${host} still leads to 203.0.113.11, and the gateway of east is at 203.0.113.11, 203.0.113.12`,
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
      `${host} still leads to 203.0.113.11 port 15443, and the gateway of east is at 203.0.113.11 port 31443`,
    ],
    ['another account', {pods: [pod('new')]}, `${host} accepts only sa/hello, and its pods in east are sa/new`],
    [
      'another port of the Service',
      {services: [{...service, spec: {...(service.spec as object), ports: [{port: 80}, {name: 'http', port: 5000}]}}]},
      `${host} offers the ports 5000/HTTP of east, and the Service there has 5000/HTTP, 80`,
    ],
  ])('%s is told, with the export that puts it right', (_, more, message) =>
    expect(stale([before], exporting(more))).toEqual([{message, hints: [export_]}]),
  )

  test('accounts in other namespaces or domains are told in full', () => {
    const other = {...before, metadata: {...before.metadata, annotations: undefined}}
    const text = before.metadata.annotations![exportersAnnotation]!.replace('spiffe://cluster.local', 'spiffe://old')
    const told = stale(
      [{...other, metadata: {...before.metadata, annotations: {[exportersAnnotation]: text}}}],
      exporting(),
    )
    expect(told.map(({message}) => message)).toContain(
      `${host} accepts only spiffe://old/ns/sample/sa/hello, and its pods in east are spiffe://cluster.local/ns/sample/sa/hello`,
    )
  })

  test('an account that no pod has any more', () => {
    const both = entryOf(exporting({pods: [pod('hello'), pod('old')]}))
    expect(stale([both], exporting()).map(({message}) => message)).toEqual([
      `${host} still accepts sa/old, and its pods in east are sa/hello`,
    ])
  })

  test('without a pod now, the account that was exported stays', () =>
    expect(stale([before], exporting({pods: []}))).toEqual([]))

  test('a Service that is let through no more', () =>
    expect(stale([before], exporting({gateways: [gateway(['other.sample.svc.cluster.local'])]}))).toEqual([
      {
        message: `east can't export ${host} any more: Service sample/hello is not let through east's gateway: no Gateway of mode AUTO_PASSTHROUGH has hello.sample.svc.cluster.local`,
        hints: [expect.stringContaining('--expose'), `then ${export_}`],
      },
    ]))

  test('a Service that is gone is to be taken back', () =>
    expect(stale([before], exporting({services: []}))).toEqual([
      {
        message: `${host} leads to east, and there is no Service sample/hello any more`,
        hints: [export_.replace('export', 'unexport')],
      },
    ]))

  test('a ServiceEntry that somebody edited', () => {
    const edited = {...before, spec: {...(before.spec as object), subjectAltNames: ['spiffe://x']}}
    expect(stale([edited], exporting())).toEqual([
      {
        message: `ServiceEntry ${host} was changed since the export: subjectAltNames`,
        hints: [`${export_} --force-conflicts`],
      },
    ])
  })

  test.each(['{', '{}', '{"east": 5}', '{"east": {"addresses": ["203.0.113.11"]}}'])(
    'an annotation that says %s is told, and the others are looked at',
    text => {
      const broken = {...before, metadata: {...before.metadata, annotations: {[exportersAnnotation]: text}}}
      const told = stale([broken, before], exporting({pods: [pod('new')]})).map(({message}) => message)
      expect(told).toEqual([expect.stringMatching(/can't be read$/), expect.stringContaining('accepts only')])
      expect(checked(seen([broken], exporting())).looking).toEqual(['no-credentials', 'imports-current'])
    },
  )

  test('an exporter that was not looked at, or did not answer, says nothing', () => {
    expect(stale([before], undefined)).toEqual([])
    expect(stale([before], exporting({name: 'orient'}))).toEqual([])
  })

  test('the command says which control planes and which domain', () => {
    const imported = parseImports([before]).imports[0]!.imported
    const east = {...imported.exporters.east!, clusterDomain: 'k8s.example.com'}
    const [, {object}] = buildServiceImport(
      {cluster: 'west', systemNamespace: 'mesh', revision: undefined},
      {...imported, exporters: {east}},
    ) as [unknown, {object: KubernetesObject}]
    const open = {gateways: [gateway(['*'])], pods: [pod('new')]}
    expect(stale([object], exporting(open), ['--system-namespace', 'mesh'])[0]?.hints).toEqual([
      `${export_} --cluster-domain k8s.example.com --system-namespace mesh`,
    ])
  })

  test('whatever is exported is current until something changes', () => {
    const exported = fc.record({
      accounts: fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), {minLength: 1}),
      addresses: fc.uniqueArray(fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain()), {minLength: 1, maxLength: 3}),
      ports: fc.uniqueArray(fc.integer({min: 1, max: 9}), {minLength: 1}),
    })
    const clusterOf = ({accounts, addresses, ports}: typeof exported extends fc.Arbitrary<infer T> ? T : never) =>
      exporting({
        networkGateways: [balanced(...addresses)],
        pods: accounts.map(pod),
        services: [{...service, spec: {selector: {app: 'hello'}, ports: ports.map(port => ({port}))}}],
      })
    const sorted = (all: {accounts: string[]; addresses: string[]; ports: number[]}) =>
      JSON.stringify(Object.values(all).map(list => [...list].sort()))
    fc.assert(
      fc.property(exported, exported, (one, other) => {
        expect(stale([entryOf(clusterOf(one))], clusterOf(one))).toEqual([])
        const same = sorted(one) === sorted(other)
        expect(stale([entryOf(clusterOf(one))], clusterOf(other)).length === 0).toBe(same)
      }),
    )
  })
})

describe('imports-known', () => {
  test('every istiod has the endpoints', () => {
    const view = {clusters: [], gateways: [], endpoints: new Map()}
    const istiods = [
      {...view, pod: 'a', external: new Set([host])},
      {...view, pod: 'b', external: new Set<string>()},
    ]
    expect(checked(seen([entryOf(exporting())], exporting(), {istiods})).found).toEqual([
      `imports-known error: b knows no endpoint of ${host} (kubectl --context west -n istio-system logs b | grep ${host})`,
    ])
  })

  test('gateways with host names are resolved elsewhere', () => {
    const named = gatewayService('net-east', {status: {loadBalancer: {ingress: [{hostname: 'gw.example.org'}]}}})
    const east = exporting({networkGateways: [named]})
    expect(checked(seen([entryOf(east)], east)).looking).toEqual(['no-credentials', 'imports-current'])
  })
})

describe('no-credentials', () => {
  const held = (secret: string, leadsTo: string | undefined): SeenCredential => ({
    key: leadsTo ?? 'x',
    secret,
    leadsTo,
    state: 'accepted',
  })

  test('a remote Secret of one of these clusters is a warning', () => {
    const credentials = [held('s', 'east'), held('s', 'south'), held('other', undefined)]
    expect(checked(seen([], exporting(), {credentials}))).toEqual({
      looking: ['no-credentials'],
      found: [
        'no-credentials warning: the Secret s lets its istiod read east, south: in gateways mode nobody needs that (kubectl --context west -n istio-system delete secret s)',
      ],
    })
  })

  test('the other modes need them', () =>
    expect(checked(seen([entryOf(exporting())], exporting()), {gateways: false}).looking).toEqual([]))
})

test('commands keep the mode, its DNS and the control plane', () => {
  const spec = readSpec(federationVerifyFields, {contexts: 'east,west', revision: 'default'})
  const federation = readSpec(federationFields, {contexts: 'east,west', mode: 'gateways', dns: 'coredns'})
  const all = seen([entryOf(exporting())], exporting({networkGateways: [balanced('203.0.113.12')]}))
  const hintsOf = (id: string) =>
    verifyClusters(all, federation, spec)[1]!.findings.flatMap(({check, hints}) => (check === id ? [hints] : []))
  expect(hintsOf('imports-current')).toEqual([[`${export_} --revision default`]])
  expect(hintsOf('gateway-address')).toEqual([
    ['kubectl mesh federate --mode gateways --dns coredns --contexts east,west --revision default'],
  ])
  expect(hintsOf('dns-capture')).toEqual([])
})
