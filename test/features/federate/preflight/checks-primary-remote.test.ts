import {describe, expect, test} from 'vitest'
import {federationChecks} from '../../../../src/features/federate/preflight/checks.ts'
import {primaryRemoteChecks, wholeRoles} from '../../../../src/features/federate/preflight/checks-primary-remote.ts'
import {verifyChecks} from '../../../../src/features/federate/verify/checks.ts'
import type {ObservedCluster} from '../../../../src/features/federate/verify/read.ts'
import type {VerifySubject} from '../../../../src/features/federate/verify/subject.ts'
import {runChecks} from '../../../../src/findings/check.ts'
import {remoteRecordData} from '../../../../src/mesh/record.ts'
import {controlPlane, gatewayService, remoteSecret} from '../../../mesh/samples.ts'
import {injector, ledNamespace, primaryAndRemote, type RemoteDiffers} from '../../../mesh/samples-remote.ts'

/** The record of a cluster that joined before. */
function joinedAs(cluster: string, primary: string | undefined) {
  const data = remoteRecordData({primary, ownsAnnotation: true, pilotAddress: undefined, singleNetwork: false})
  return {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'r'}, data: {...data, cluster}}
}

const find = (differs: RemoteDiffers) => {
  const {spec, all} = primaryAndRemote(differs)
  const roots = {folder: undefined, folderName: undefined}
  return runChecks(federationChecks, {spec, all, denied: new Map(), roots, now: new Date()})
}

describe('preflight: all is well', () => {
  test.each<[string, RemoteDiffers]>([
    ['a primary and a remote that is set up', {}],
    ['led by all', {west: {namespace: ledNamespace('*')}}],
    ['led by several', {west: {namespace: ledNamespace('north,east')}}],
    ['not led yet', {west: {namespace: undefined}}],
    ['a cacerts in the remote, which nobody reads', {west: {caSecret: remoteSecret('cacerts', {'ca-cert.pem': 'x'})}}],
    ['another root in the remote, which its primary replaces', {west: {servedRoot: 'x'}}],
    ['a loopback address of the primary, which nobody dials', {raw: {server: ['west=https://1.2.3.4:6443']}}],
    ['an old Secret in the remote, which nobody reads', {west: {remoteSecrets: [remoteSecret('any', {east: 'x'})]}}],
    [
      'one network',
      {raw: {singleNetwork: true}, plane: {network: undefined}, westRemote: {injector: injector('west', undefined)}},
    ],
    [
      'a gateway without a network',
      {
        east: {networkGateways: []},
        eastRemote: {
          gateway: gatewayService('', {
            spec: {ports: [{port: 15012}, {port: 15017}]},
            status: {loadBalancer: {ingress: [{ip: '203.0.113.11'}]}},
          }),
        },
      },
    ],
  ])('%s', (_, differs) => expect(find(differs)).toEqual([]))
})

const reds: [id: string, what: string, cluster: string, message: RegExp, hint: RegExp, differs: RemoteDiffers][] = [
  [
    'serves-remotes',
    'an istiod for its own cluster only',
    'east',
    /serves no remote clusters/,
    /externalIstiod=true[\s\S]*--control-plane istioctl/,
    {plane: {servesRemotes: false}},
  ],
  [
    'istiod-reachable',
    'a gateway of others without the ports',
    'east',
    /istio-system\/istio-eastwestgateway has no ports 15012 and 15017/,
    /edit service istio-eastwestgateway[\s\S]*--remote-pilot-address/,
    {east: {networkGateways: [gatewayService('net-east')]}},
  ],
  [
    'istiod-reachable',
    'a gateway that gets no address',
    'east',
    /of type NodePort has no address/,
    /--remote-pilot-address/,
    {raw: {gatewayServiceType: 'NodePort'}, east: {networkGateways: []}},
  ],
  [
    'remote-istiod',
    'a remote with an istiod',
    'west',
    /runs an istiod of its own \(revision default\), and a remote of east has none/,
    /--mode multi-primary[\s\S]*kubectl --context west -n istio-system get deployments/,
    {west: {controlPlanes: [controlPlane('west')]}},
  ],
  [
    'remote-annotation',
    'led by another',
    'west',
    /names north, not east/,
    /kubectl --context west annotate namespace istio-system topology\.istio\.io\/controlPlaneClusters-/,
    {west: {namespace: ledNamespace('north')}},
  ],
  [
    'remote-set-up',
    'nothing there',
    'west',
    /nothing in it asks the istiod of east/,
    /--control-plane istioctl[\s\S]*istioctl install --context west --set profile=remote .*injectionPath=\/inject\/cluster\/west\/net\/net-west .*remotePilotAddress=203\.0\.113\.11/,
    {westRemote: {injector: undefined}},
  ],
  [
    'remote-set-up',
    'injected as another network',
    'west',
    /does not name it west with the network net-west/,
    /--control-plane istioctl/,
    {westRemote: {injector: injector('west', 'other')}},
  ],
  [
    'remote-set-up',
    'a Service that leads elsewhere',
    'west',
    /leads to 198\.51\.100\.1, and the istiod of east is at 203\.0\.113\.11/,
    /--control-plane istioctl/,
    {westRemote: {istiodAddresses: ['198.51.100.1']}},
  ],
  [
    'remote-set-up',
    "a host name behind istioctl's own webhook",
    'west',
    /behind the host name lb\.example\.com nothing listens on its port, only on 15017/,
    /^add --control-plane istioctl \(or helm, sail\): it makes that$/,
    {raw: {remotePilotAddress: 'lb.example.com'}, westRemote: {istiodAddresses: ['lb.example.com']}},
  ],
  [
    'remote-name',
    'another name than it joined by',
    'west',
    /is known to east as w, and would be a second time as west/,
    /--cluster-name west=w[\s\S]*federate remove --contexts west --from east --cluster-name west=w/,
    {west: {record: joinedAs('w', 'east')}},
  ],
  [
    'remote-set-up',
    'a Service that leads nowhere',
    'west',
    /leads to nothing/,
    /--control-plane istioctl/,
    {westRemote: {istiodAddresses: []}},
  ],
]

test.each([
  ['an address', {}, []],
  ['a host name', {raw: {controlPlane: 'sail', remotePilotAddress: 'lb.example.com'}}, ['remote-set-up']],
  ['a host name by istioctl', {raw: {controlPlane: 'istioctl', remotePilotAddress: 'lb.example.com'}}, []],
])('what is rendered for a primary at %s', (_, differs: RemoteDiffers, checks) => {
  const {spec, all} = primaryAndRemote({...differs, raw: {controlPlane: 'sail', ...differs.raw}})
  const rendered = all.map(member => ({...member, rendered: {created: []}}))
  const roots = {folder: undefined, folderName: undefined}
  const found = runChecks(primaryRemoteChecks, {spec, all: rendered, denied: new Map(), roots, now: new Date()})
  expect(found.map(({check}) => check)).toEqual(checks)
})

describe('preflight: found', () => {
  test.each(reds)('%s: %s', (id, _what, cluster, message, hint, differs) => {
    expect(find(differs)).toMatchObject([{check: id, cluster, level: 'error', message: expect.stringMatching(message)}])
    expect(find(differs)[0]!.hints!.join('\n')).toMatch(hint)
  })

  test('each check was seen to find something', () => {
    const seen = new Set(reds.map(([id]) => id))
    expect(primaryRemoteChecks.map(({id}) => id).filter(id => !seen.has(id))).toEqual([])
  })

  test('the name and the namespace of a remote are quoted for a shell', () => {
    const raw = {contexts: ['east', "it's"], server: ["it's=https://1.2.3.4"], clusterName: ["it's=west"]}
    const {spec, all} = primaryAndRemote({})
    const odd = all.map(member => (member.cluster === 'west' ? {...member, context: "it's"} : member))
    const hints = runChecks(primaryRemoteChecks, {
      spec: {...spec, ...raw},
      all: odd.map(one => ({
        ...one,
        facts: {...one.facts!, primaryRemote: {...one.facts!.primaryRemote!, injector: undefined}},
      })),
      denied: new Map(),
      roots: {folder: undefined, folderName: undefined},
      now: new Date(),
    } as never).flatMap(({hints: own}) => own ?? [])
    expect(hints.join('\n')).toContain(`--context 'it'\\''s' `)
  })
})

/** What is found in each cluster afterwards: `CLUSTER CHECK: MESSAGE`, and which checks look there. */
function verify(differs: RemoteDiffers): {found: string[]; looking: Record<string, string[]>} {
  const {all} = primaryAndRemote(differs)
  const seen = all.map(
    (member): ObservedCluster => ({
      member,
      unreachable: undefined,
      istiods: [],
      credentials: [],
      addresses: [],
      meshNamespaces: new Set(),
      namespaces: new Set(),
      services: [],
      exporting: undefined,
    }),
  )
  const subject = {
    all: seen,
    systemNamespace: 'istio-system',
    gateways: false,
    singleNetwork: false,
    repairCommand: 'kubectl mesh federate --mode primary-remote --primary east --contexts east,west',
    controlPlaneFlags: [],
  }
  const applying = (current: ObservedCluster) =>
    verifyChecks.filter(check => check.applies({...subject, current} satisfies VerifySubject))
  return {
    found: seen.flatMap(current =>
      applying(current).flatMap(({id, run}) =>
        run({...subject, current}).map(({cluster, message}) => `${cluster} ${id}: ${message}`),
      ),
    ),
    looking: Object.fromEntries(seen.map(current => [current.member.cluster, applying(current).map(({id}) => id)])),
  }
}

describe('primaries and their remotes change together', () => {
  const remoteOf = (primary: string) => ({west: {record: joinedAs('west', primary)}})
  const holding = {
    record: joinedAs('east', undefined),
    remoteSecrets: [remoteSecret('istio-remote-secret-x', {x: 'k'})],
  }
  test.each<[string, RemoteDiffers, string[]]>([
    ['a remote whose primary is named', remoteOf('east'), []],
    [
      'a remote whose primary is not named',
      remoteOf('north'),
      ['west: it is a remote of north, which this run does not name'],
    ],
    ['a primary, and only some of its remotes', {east: holding}, []],
    [
      'a primary that is joined as a peer without its remotes',
      {raw: {mode: 'multi-primary'}, east: holding},
      ['east: it is the primary of x, which this run does not name: they would lose their control plane'],
    ],
    [
      'a primary that becomes a peer with all of them',
      {raw: {mode: 'multi-primary'}, east: {record: joinedAs('east', undefined)}},
      [],
    ],
  ])('%s', (_, differs, expected) => {
    const {spec, all} = primaryAndRemote(differs)
    const subject = {spec, all, denied: new Map(), roots: {folder: undefined, folderName: undefined}, now: new Date()}
    expect(wholeRoles.run(subject).map(({cluster, message}) => `${cluster}: ${message}`)).toEqual(expected)
  })
})

describe('verify', () => {
  const exposure = {
    apiVersion: 'networking.istio.io/v1',
    kind: 'Gateway',
    metadata: {name: 'cross-network-gateway', namespace: 'istio-system'},
    spec: {servers: [{port: {number: 15443}, tls: {mode: 'AUTO_PASSTHROUGH'}}]},
  }
  const healthy = {east: {exposure}}

  test('a primary is asked for its istiod and its credentials, a remote for its injection', () => {
    const {looking} = verify(healthy)
    expect(looking.east).toEqual(expect.arrayContaining(['istiod-answers', 'credentials', 'istiod-exposed']))
    expect(looking.east).not.toContain('reader')
    expect(looking.west).toEqual(expect.arrayContaining(['injection', 'reader', 'exposure', 'root']))
    for (const id of ['istiod-answers', 'credentials', 'cluster-key', 'clusters-synced', 'istiod-exposed'])
      expect(looking.west).not.toContain(id)
  })

  test.each<[string, RemoteDiffers, RegExp]>([
    ['no way to istiod', {...healthy, eastRemote: {istiodExposed: false}}, /^east istiod-exposed: no Gateway/],
    ['no authority', {...healthy, westRemote: {injector: injector('west', 'net-west', null)}}, /^west injection: /],
    ['rights to read only', {...healthy, westRemote: {readerLeads: false}}, /^west reader: .*write its root/],
    ['nothing exposed', {}, /^west exposure: Gateway istio-system\/cross-network-gateway is missing/],
  ])('%s', (_, differs, message) => {
    expect(verify(differs).found).toContainEqual(expect.stringMatching(message))
    expect(verify(healthy).found).not.toContainEqual(expect.stringMatching(message))
  })
})
