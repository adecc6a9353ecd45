import {execFileSync} from 'node:child_process'
import {beforeAll, describe, expect, test} from 'vitest'
import {targetOf} from '../../../../src/engine/kubernetes/change.ts'
import {groupOf, type KubernetesObject} from '../../../../src/engine/kubernetes/object.ts'
import {buildFederation} from '../../../../src/features/federate/objects.ts'
import {federationChecks} from '../../../../src/features/federate/preflight/checks.ts'
import {gatewaysChecks} from '../../../../src/features/federate/preflight/checks-gateways.ts'
import {primaryRemoteChecks} from '../../../../src/features/federate/preflight/checks-primary-remote.ts'
import {federationRights} from '../../../../src/features/federate/preflight/checks-rights.ts'
import {rootOf} from '../../../../src/features/federate/preflight/checks-roots.ts'
import type {FederationSubject} from '../../../../src/features/federate/preflight/subject.ts'
import {federationFields} from '../../../../src/features/federate/spec.ts'
import {runChecks} from '../../../../src/findings/check.ts'
import type {ControlPlane} from '../../../../src/istio/control-plane.ts'
import {buildCaSecret} from '../../../../src/mesh/ca/objects.ts'
import type {FederationFacts} from '../../../../src/mesh/facts.ts'
import {readSpec} from '../../../../src/spec/read.ts'
import {frame, members} from '../../../engine/kubernetes/samples.ts'
import {controlPlane, facts, gatewayService, member, remoteSecret} from '../../../mesh/samples.ts'
import {caExtensions, ecKey, makeCertificate} from '../../../pki/support.ts'

let root: string
let otherRoot: string
let cacerts: KubernetesObject
let otherCacerts: KubernetesObject

/** A root, and the cacerts of a cluster under it. */
function makeMeshCa(): {root: string; cacerts: KubernetesObject} {
  const rootKey = ecKey()
  const rootCert = makeCertificate({key: rootKey})
  const caKey = ecKey()
  const caCert = makeCertificate({
    key: caKey,
    subject: '/CN=east',
    extensions: caExtensions,
    issuer: {certificate: rootCert, key: rootKey},
  })
  const ca = {caCert, caKey, rootCert, certChain: caCert + rootCert}
  return {root: rootCert, cacerts: buildCaSecret(ca, 'east', 'istio-system').object}
}

beforeAll(() => {
  ;({root, cacerts} = makeMeshCa())
  ;({root: otherRoot, cacerts: otherCacerts} = makeMeshCa())
})

interface Differs {
  /** What the flags say beside --contexts. */
  raw?: object
  /** What is different in west. */
  west?: Partial<FederationFacts>
  /** … and in its control plane. */
  plane?: Partial<ControlPlane>
  east?: Partial<FederationFacts>
  contexts?: [string, string]
  denied?: FederationSubject['denied']
  roots?: FederationSubject['roots']
}

/** Two clusters that fit together, but for what is said. The root is served by both istiods. */
function subject({
  raw,
  west = {},
  plane,
  east = {},
  contexts = ['east', 'west'],
  denied,
  roots,
}: Differs): FederationSubject {
  const spec = readSpec(federationFields, {contexts: [...contexts], ...raw})
  const planes = plane ? {controlPlanes: [controlPlane('west', plane)]} : {}
  const [one, other] = contexts
  const all = [
    member(one, {...facts('east'), servedRoot: root, ...east}, raw),
    member(other, {...facts('west'), servedRoot: root, ...planes, ...west}, raw),
  ]
  return {
    spec,
    all,
    denied: denied ?? new Map(),
    roots: roots ?? {folder: undefined, folderName: undefined},
    now: new Date(),
  }
}

const find = (differs: Differs) => runChecks(federationChecks, subject(differs))

describe('all is well', () => {
  const revision = {controlPlanes: [controlPlane('east', {revision: '1-30'})]}
  test.each<[string, () => Differs]>([
    ['two clusters that fit', () => ({})],
    ['one network', () => ({raw: {singleNetwork: true}, plane: {network: 'net-east'}})],
    ['one minor version apart', () => ({plane: {version: '1.29.6'}})],
    ['a revision', () => ({raw: {revision: '1-30'}, east: revision, plane: {revision: '1-30'}})],
    [
      'no mesh ID anywhere',
      () => ({plane: {meshId: undefined}, east: {controlPlanes: [controlPlane('east', {meshId: undefined})]}}),
    ],
    ['a loopback address that was named', () => ({raw: {server: ['west=https://127.0.0.1:6443']}})],
    ['cacerts of one root', () => ({east: {caSecret: cacerts}, west: {caSecret: cacerts}})],
    ['one plugged in, one served', () => ({east: {caSecret: cacerts}})],
    [
      'cacerts of the folder',
      () => ({roots: {folder: root, folderName: 'mesh-ca', hasKey: true}, west: {caSecret: cacerts}}),
    ],
    [
      'no root yet, but a folder that can issue',
      () => ({roots: {folder: root, folderName: 'mesh-ca', hasKey: true}, west: {servedRoot: undefined}}),
    ],
    [
      "istioctl's remote Secret",
      () => ({west: {remoteSecrets: [remoteSecret('istio-remote-secret-east', {east: 'x'})]}}),
    ],
    ['a remote Secret for a cluster outside', () => ({west: {remoteSecrets: [remoteSecret('any', {far: 'x'})]}})],
    [
      'our bundle',
      () => ({
        raw: {credentials: 'bundled'},
        west: {remoteSecrets: [remoteSecret('istio-remote-secrets', {east: 'x'})]},
      }),
    ],
    [
      'ClusterIP with a gateway of others',
      () => ({
        raw: {gatewayServiceType: 'ClusterIP'},
        east: {networkGateways: [gatewayService('net-east')]},
        west: {networkGateways: [gatewayService('net-west')]},
      }),
    ],
    [
      'ClusterIP without gateways',
      () => ({raw: {gatewayServiceType: 'ClusterIP', singleNetwork: true}, plane: {network: 'net-east'}}),
    ],
    ['nothing that is denied', () => ({denied: new Map([['west', []]])})],
  ])('%s', (_, differs) => expect(find(differs())).toEqual([]))
})

const right = {verb: 'create', group: 'apps', resource: 'deployments', namespace: 'istio-system'}
const server = (url: string) => ({cluster: {...facts('west').cluster, server: url}})

const reds: [
  id: string,
  what: string,
  level: 'error' | 'warning',
  message: RegExp,
  hint: RegExp,
  differs: () => Differs,
][] = [
  [
    'distinct-clusters',
    'two contexts of one cluster',
    'error',
    /east and west are the same cluster/,
    /one context/,
    () => ({west: {uid: 'uid-east'}}),
  ],
  [
    'cluster-names',
    'one name twice',
    'error',
    /both have the cluster name east/,
    /--cluster-name west=NAME/,
    () => ({raw: {clusterName: ['west=east']}}),
  ],
  [
    'istio-crds',
    'no definitions',
    'error',
    /CRDs\) are missing/,
    /istioctl install --context west/,
    () => ({west: {hasIstioCrds: false}}),
  ],
  [
    'control-plane',
    'no istiod',
    'error',
    /no istiod without a revision in namespace istio-system/,
    /istioctl install/,
    () => ({west: {controlPlanes: []}}),
  ],
  [
    'control-plane',
    'another revision',
    'error',
    /no istiod without a revision/,
    /revisions there: canary/,
    () => ({plane: {revision: 'canary'}}),
  ],
  [
    'control-plane',
    'no istiod that is ready',
    'warning',
    /not ready \(0 of 1\)/,
    /kubectl --context west -n istio-system get pods -l app=istiod/,
    () => ({plane: {ready: 0}}),
  ],
  [
    'cluster-name-fits',
    'another name',
    'error',
    /calls the cluster a, the mesh would call it b/,
    /clusterName=b .*\n.*--cluster-name west=a/,
    () => ({raw: {clusterName: ['west=b']}, plane: {cluster: 'a', network: 'net-west'}}),
  ],
  [
    'cluster-name-fits',
    "istiod's default",
    'error',
    /calls the cluster Kubernetes, the mesh would call it west/,
    /clusterName=west/,
    () => ({plane: {cluster: 'Kubernetes'}}),
  ],
  [
    'cluster-name-fits',
    'no name',
    'error',
    /calls the cluster nothing/,
    /clusterName=west/,
    () => ({plane: {cluster: undefined}}),
  ],
  [
    'mesh-id',
    'another mesh',
    'error',
    /mesh ID is mesh2, the mesh's is mesh1/,
    /meshID=mesh1/,
    () => ({plane: {meshId: 'mesh2'}}),
  ],
  [
    'mesh-id',
    'no mesh',
    'error',
    /mesh ID is not set, the mesh's is mesh1/,
    /meshID=mesh1/,
    () => ({plane: {meshId: undefined}}),
  ],
  [
    'trust-domain',
    'another one',
    'error',
    /trust domain is other\.example, the mesh's is cluster\.local/,
    /trustDomain=cluster\.local/,
    () => ({plane: {trustDomain: 'other.example'}}),
  ],
  [
    'network',
    'proxies of another',
    'error',
    /have the network flat, the mesh calls it net-west/,
    /global\.network=net-west[\s\S]*--network west=flat/,
    () => ({plane: {network: 'flat'}}),
  ],
  [
    'network',
    'proxies of none',
    'error',
    /have no network, the mesh calls it net-west/,
    /global\.network=net-west/,
    () => ({plane: {network: undefined}}),
  ],
  [
    'network',
    'two on a single one',
    'error',
    /network net-west, others net-east, but --single-network/,
    /--single-network/,
    () => ({raw: {singleNetwork: true}}),
  ],
  [
    'versions',
    'too old',
    'error',
    /Istio 1\.23\.1 is too old/,
    /upgrade/,
    () => ({plane: {version: '1.23.1'}, east: {controlPlanes: [controlPlane('east', {version: '1.24.0'})]}}),
  ],
  [
    'versions',
    'far behind',
    'warning',
    /1\.28\.0 is more than one minor version behind/,
    /upgrade/,
    () => ({plane: {version: '1.28.0'}}),
  ],
  [
    'versions',
    'an old Kubernetes',
    'warning',
    /1\.30\.3 wants Kubernetes 1\.32 or newer, this is v1\.31\.9/,
    /upgrade Kubernetes/,
    () => ({west: {kubernetes: 'v1.31.9'}}),
  ],
  [
    'versions',
    'no version',
    'warning',
    /not known \(latest\)/,
    /kubectl --context west -n istio-system get deployments/,
    () => ({plane: {version: 'latest'}}),
  ],
  [
    'one-root',
    'two roots',
    'error',
    /root CA \([0-9A-F:]+\) is not that of east \([0-9A-F:]+\)/,
    /kubectl mesh ca init/,
    () => ({west: {servedRoot: otherRoot}}),
  ],
  [
    'one-root',
    'plugged in, but another',
    'error',
    /is not that of east/,
    /--ca-dir/,
    () => ({west: {caSecret: otherCacerts}}),
  ],
  ['one-root', 'no root', 'error', /is not known/, /kubectl mesh ca init/, () => ({west: {servedRoot: undefined}})],
  [
    'folder-root',
    'another plugged in',
    'error',
    /its cacerts has another root/,
    /rotate the root/,
    () => ({roots: {folder: root, folderName: 'mesh-ca', hasKey: true}, west: {caSecret: otherCacerts}}),
  ],
  [
    'folder-root',
    'another served',
    'warning',
    /until it is restarted/,
    /rollout restart deployment -l app=istiod/,
    () => ({roots: {folder: root, folderName: 'mesh-ca', hasKey: true}, west: {servedRoot: otherRoot}}),
  ],
  [
    'folder-ca',
    'a folder that can not issue',
    'error',
    /mesh-ca has no intermediate for it/,
    /kubectl mesh ca issue --dir mesh-ca --cluster west/,
    () => ({roots: {folder: root, folderName: 'mesh-ca'}, east: {caSecret: cacerts}}),
  ],
  [
    'cluster-ca',
    'a broken cacerts',
    'error',
    /^cacerts: /,
    /./,
    () => ({west: {caSecret: {...cacerts, data: {...(cacerts.data as object), 'ca-key.pem': 'eA=='}}}}),
  ],
  [
    'api-address',
    'loopback',
    'error',
    /https:\/\/127\.0\.0\.1:6443 is a loopback address/,
    /--server west=https:\/\/HOST:PORT/,
    () => ({west: server('https://127.0.0.1:6443')}),
  ],
  [
    'rights',
    'denied in a namespace',
    'error',
    /you may not create deployments\.apps in istio-system/,
    /^kubectl --context west auth can-i create deployments\.apps -n istio-system$/,
    () => ({denied: new Map([['west', [right]]])}),
  ],
  [
    'rights',
    'denied in the cluster',
    'error',
    /you may not patch namespaces$/,
    /can-i patch namespaces$/,
    () => ({denied: new Map([['west', [{verb: 'patch', group: '', resource: 'namespaces'}]]])}),
  ],
  [
    'credential-layout',
    'another Secret',
    'error',
    /east is registered by the Secret by-hand/,
    /kubectl --context west -n istio-system delete secret by-hand$/m,
    () => ({west: {remoteSecrets: [remoteSecret('by-hand', {east: 'x'})]}}),
  ],
  [
    'credential-layout',
    'our other layout',
    'error',
    /registered by the Secret istio-remote-secret-east/,
    /delete secret/,
    () => ({
      raw: {credentials: 'bundled'},
      west: {remoteSecrets: [remoteSecret('istio-remote-secret-east', {east: 'x'})]},
    }),
  ],
  [
    'gateway-addressable',
    'ClusterIP',
    'warning',
    /ClusterIP gateway has no address/,
    /externalIPs/,
    () => ({raw: {gatewayServiceType: 'ClusterIP'}, east: {networkGateways: [gatewayService('net-east')]}}),
  ],
]

describe('found', () => {
  test.each(reds)('%s: %s', (id, _what, level, message, hint, differs) => {
    const findings = find(differs()).filter(({check}) => check === id)
    expect(findings).toHaveLength(1)
    expect(findings[0]!.level).toBe(level)
    // a name that two clusters have tells neither: the message names the contexts
    if (id !== 'cluster-names') expect(findings[0]!.cluster).toMatch(/^(west|b)$/)
    expect(findings[0]!.message).toMatch(message)
    expect(findings[0]!.hints!.join('\n')).toMatch(hint)
  })

  test('each check was seen to find something', () => {
    const seen = new Set(reds.map(([id]) => id))
    // the checks of the other modes have tests of their own
    const others = [...gatewaysChecks, ...primaryRemoteChecks]
    const own = federationChecks.filter(check => !others.includes(check))
    const below = ['sail-operator', 'kept-control-plane', 'primary-and-remotes']
    expect(own.map(({id}) => id).filter(id => !seen.has(id) && !below.includes(id))).toEqual([])
  })

  test('what is imported from gateways mode is told in another mode, and a second name in that one', () => {
    const imports = [{apiVersion: 'networking.istio.io/v1', kind: 'ServiceEntry', metadata: {name: 'a.b.global'}}]
    expect(find({west: {imports}})).toMatchObject([{check: 'imports-left', cluster: 'west', level: 'warning'}])
    const data = {mode: 'gateways', dns: 'istio', cluster: 'w'}
    const record = {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'r'}, data}
    const gateways = {mode: 'gateways', captureDns: true}
    expect(find({raw: gateways, west: {imports, record}})).toEqual([])
    expect(find({raw: {...gateways, clusterName: ['west=x']}, west: {record}})).toMatchObject([
      {
        check: 'exporter-name',
        cluster: 'x',
        message: 'it joined as w, and its services are known to others under that name',
      },
    ])
  })

  test('the Sail operator is asked for where it is to make a control plane', () => {
    const {all, ...rest} = subject({raw: {controlPlane: 'sail'}, west: {hasSailCrds: false}, east: {hasSailCrds: true}})
    const found = runChecks(federationChecks, {...rest, all: all.map(one => ({...one, rendered: {created: []}}))})
    expect(found).toMatchObject([{check: 'sail-operator', cluster: 'west', level: 'error'}])
    expect(runChecks(federationChecks, {...rest, all})).toEqual([])
  })

  test('a control plane that is kept takes no values', () => {
    const said = {controlPlane: 'istioctl', set: ['pilot.env.A=b'], certProvider: 'custom'}
    const {all, ...rest} = subject({raw: said})
    const one = [all[0]!, {...all[1]!, rendered: {created: []}}]
    expect(runChecks(federationChecks, {...rest, all: one})).toMatchObject([
      {
        check: 'kept-control-plane',
        cluster: 'east',
        level: 'warning',
        message: 'its control plane fits and is kept as it is: --set, --cert-provider have no effect there',
      },
    ])
    expect(find({raw: {controlPlane: 'istioctl'}})).toEqual([])
  })

  test('names that are no DNS labels', () => {
    const found = find({contexts: ['east', 'prod/eu-1'], west: {controlPlanes: []}}).filter(
      ({check}) => check === 'cluster-names',
    )
    expect(found.map(({message, hints}) => [message, hints])).toEqual([
      [
        expect.stringContaining('context prod/eu-1: the cluster name prod/eu-1 is not a DNS label'),
        ['--cluster-name prod/eu-1=NAME'],
      ],
    ])
  })

  test.each([`it's prod; $(id) "x"`, 'arn:aws:eks:eu-1:123:cluster/prod', '-x'])(
    'a hint with the context %s can be pasted into a shell',
    context => {
      const raw = {clusterName: [`${context}=west`], network: [`${context}=net-west`]}
      const clusterName = `${context}=b`
      for (const [id, , , , , differs] of reds) {
        const {raw: said, ...rest} = differs() as Differs & {raw?: {clusterName?: string[]; server?: string[]}}
        const names =
          id === 'cluster-name-fits' && said?.clusterName
            ? [clusterName]
            : id === 'cluster-names'
              ? [`${context}=east`]
              : raw.clusterName
        const findings = find({
          ...rest,
          raw: {...raw, ...said, clusterName: names},
          contexts: ['east', context],
        }).filter(({check}) => check === id)
        expect([id, findings.length]).toEqual([id, 1])
        for (const hint of findings[0]!.hints ?? []) {
          if (!/--context|CTX|NAME$|--(network|cluster-name|server) /.test(hint)) continue
          const words = execFileSync('sh', ['-c', `printf '%s\\0' ${hint}`], {encoding: 'utf8'}).split('\0')
          expect([id, hint, words.some(word => word === context || word.startsWith(`${context}=`))]).toEqual([
            id,
            hint,
            true,
          ])
        }
      }
    },
  )
})

describe('rootOf', () => {
  const pem = (text: string) => Buffer.from(text).toString('base64')
  const secret = (data: Record<string, string>) => ({
    caSecret: {apiVersion: 'v1', kind: 'Secret', metadata: {name: 'cacerts'}, data},
  })
  test.each([
    ['what istiod hands out', {servedRoot: 'S'}, {pem: 'S', pluggedIn: false}],
    ['cacerts before it', {servedRoot: 'S', ...secret({'root-cert.pem': pem('R')})}, {pem: 'R', pluggedIn: true}],
    [
      'the TLS layout',
      {servedRoot: 'S', ...secret({'tls.crt': pem('T'), 'ca.crt': pem('C')})},
      {pem: 'C', pluggedIn: true},
    ],
    [
      'ca.crt without tls.crt is none',
      {servedRoot: 'S', ...secret({'ca.crt': pem('C')})},
      {pem: 'S', pluggedIn: false},
    ],
    ['nothing', {}, undefined],
  ])('%s', (_, more, expected) => expect(rootOf(member('east', more))).toEqual(expected))
})

test('the rights that are asked for are those that a federation writes with', () => {
  const changes = [
    ...buildFederation(frame, members('east', 'west')),
    buildCaSecret({caCert: '', caKey: '', rootCert: '', certChain: ''}, 'east', 'istio-system'),
  ]
  const written = changes.map(change => {
    const {apiVersion, kind, namespace = ''} = targetOf(change)
    return `${kind.toLowerCase()}s.${groupOf(apiVersion)} in ${namespace}`
  })
  const rights = federationRights(readSpec(federationFields, {}))
  for (const verb of ['create', 'patch'])
    expect(
      new Set(
        rights
          .filter(one => one.verb === verb)
          .map(({group, resource, namespace}) => `${resource}.${group} in ${namespace ?? ''}`),
      ),
    ).toEqual(new Set(written))
})
