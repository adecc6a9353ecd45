import {describe, expect, test} from 'vitest'
import type {KubernetesObject} from '../../../../src/engine/kubernetes/object.ts'
import {federationFields} from '../../../../src/features/federate/spec.ts'
import {type VerifySubject, verifyChecks} from '../../../../src/features/federate/verify/checks.ts'
import type {SeenCluster, SeenIstiod, SeenService} from '../../../../src/features/federate/verify/read.ts'
import {federationVerifyFields} from '../../../../src/features/federate/verify/spec.ts'
import {verifyClusters} from '../../../../src/features/federate/verify/verify.ts'
import type {FederationFacts} from '../../../../src/mesh/facts.ts'
import {readSpec} from '../../../../src/spec/read.ts'
import {formatJunit} from '../../../../src/terminal/output/junit.ts'
import {formatVerified} from '../../../../src/terminal/output/verify.ts'
import {controlPlane, gatewayService, member} from '../../../mesh/samples.ts'
import {openssl} from '../../../pki/support.ts'
import {expectGolden} from '../../../support/golden.ts'

const root = rootPem()
const otherRoot = rootPem()

const addresses: Record<string, string> = {east: '203.0.113.11', west: '203.0.113.12'}
const helloHost = 'helloworld.sample.svc.cluster.local'

function exposure(spec: object = {servers: [{port: {number: 15443}, tls: {mode: 'AUTO_PASSTHROUGH'}}]}) {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'Gateway',
    metadata: {name: 'cross-network-gateway', namespace: 'istio-system'},
    spec,
  }
}

function balanced(address: string | undefined): object {
  return {loadBalancer: {ingress: address === undefined ? [] : [{ip: address}]}}
}

type View = Extract<SeenIstiod, {error?: undefined}>

/** What an istiod of a healthy cluster says, the other being `other`. */
function view(name: string, other: string, more: Partial<View> = {}): View {
  return {
    pod: `istiod-${name}`,
    clusters: [
      {id: name, secretName: '', syncStatus: 'synced'},
      {id: other, secretName: `istio-system/istio-remote-secret-${other}`, syncStatus: 'synced'},
    ],
    gateways: [name, other].map(cluster => ({
      network: `net-${cluster}`,
      cluster,
      address: addresses[cluster]!,
      port: 15443,
    })),
    endpoints: new Map([name, other].map(cluster => [cluster, new Set([helloHost])])),
    external: new Set(),
    ...more,
  }
}

const hello: SeenService = {namespace: 'sample', name: 'helloworld', ports: ['http:5000/TCP']}

interface Odd extends Partial<Omit<SeenCluster, 'joining'>> {
  facts?: Partial<FederationFacts>
}

/** A healthy cluster of a federation of two, and what is odd about it. */
function seen(name: string, {facts = {}, ...more}: Odd = {}): SeenCluster {
  const other = name === 'east' ? 'west' : 'east'
  return {
    member: member(name, {
      networkGateways: [gatewayService(`net-${name}`, {status: balanced(addresses[name])})],
      exposure: exposure(),
      servedRoot: root,
      reader: {account: {apiVersion: 'v1', kind: 'ServiceAccount', metadata: {name: 'r'}}, allowed: true},
      ...facts,
    }),
    unreachable: undefined,
    istiods: [view(name, other)],
    credentials: [{key: other, secret: `istio-remote-secret-${other}`, leadsTo: other, state: 'accepted'}],
    addresses: [{address: addresses[name]!, port: 15443, error: undefined}],
    meshNamespaces: new Set(['sample']),
    namespaces: new Set(['sample', 'istio-system']),
    services: [hello],
    exporting: undefined,
    ...more,
  }
}

function subjectOf(all: readonly SeenCluster[], more: Partial<VerifySubject> = {}): Omit<VerifySubject, 'me'> {
  return {
    all,
    systemNamespace: 'istio-system',
    gateways: false,
    singleNetwork: false,
    again: 'kubectl mesh federate --contexts east,west',
    flags: [],
    ...more,
  }
}

/** `CLUSTER CHECK LEVEL: MESSAGE` of all that is found. */
function found(all: readonly SeenCluster[], more: Partial<VerifySubject> = {}): string[] {
  const subject = subjectOf(all, more)
  return all.flatMap(me =>
    verifyChecks
      .filter(({looks}) => looks({...subject, me}))
      .flatMap(({id, run}) =>
        run({...subject, me}).map(({cluster, level = 'error', message}) => `${cluster} ${id} ${level}: ${message}`),
      ),
  )
}

/** The ids of the checks that look at a cluster. */
function looking(me: SeenCluster, more: Partial<VerifySubject> = {}): string[] {
  const subject = {...subjectOf([me, seen('west')], more), me}
  return verifyChecks.filter(({looks}) => looks(subject)).map(({id}) => id)
}

test('two healthy clusters: nothing is found, and every check looks', () => {
  expect(found([seen('east'), seen('west')])).toEqual([])
  // those of the other modes have tests of their own
  const others = ['istiod-exposed', 'injection', 'no-credentials', 'imports-current', 'imports-known']
  const every = verifyChecks.map(({id}) => id).filter(id => !others.includes(id))
  expect(looking(seen('east'))).toEqual(every)
})

describe('each break is named by its cluster', () => {
  const broken: [string, Odd, string[]][] = [
    [
      'no istiod is ready',
      {istiods: []},
      ['east istiod-answers error: no istiod pod of the revision is ready: nobody can be asked what it knows'],
    ],
    [
      'one of two istiods is ready',
      {facts: {controlPlanes: [controlPlane('east', {replicas: 2})]}},
      ["east istiod-answers warning: 1 of 2 istiods is ready: the rest can't be asked what it knows"],
    ],
    [
      'a page that is refused',
      {istiods: [{pod: 'a', error: '/debug/clusterz answered 401'}, view('east', 'west')]},
      ['east istiod-answers error: a: /debug/clusterz answered 401'],
    ],
    [
      'the network label is missing',
      {facts: {namespace: {apiVersion: 'v1', kind: 'Namespace', metadata: {name: 'istio-system'}}}},
      [
        'east network-label error: namespace istio-system has no label topology.istio.io/network: every istiod takes its pods for pods of the own network',
      ],
    ],
    [
      'no gateway',
      {facts: {networkGateways: []}},
      [
        'east gateway-address error: no Service with mTLS on port 15443 has the label topology.istio.io/network=net-east',
      ],
    ],
    [
      'a gateway without an address',
      {facts: {networkGateways: [gatewayService('net-east', {status: balanced(undefined)})]}},
      [
        "east gateway-address error: the gateway istio-system/istio-eastwestgateway has no address: the other clusters can't reach its pods",
      ],
    ],
    [
      'an address that does not answer',
      {addresses: [{address: '203.0.113.11', port: 15443, error: 'no connection in 3 s'}]},
      ['east gateway-reachable warning: 203.0.113.11 port 15443 does not answer this machine (no connection in 3 s)'],
    ],
    [
      'nothing exposed',
      {facts: {exposure: undefined}},
      [
        'east exposure error: the Gateway istio-system/cross-network-gateway is missing: its east-west gateway lets nobody in',
      ],
    ],
    [
      'exposed in another mode',
      {facts: {exposure: exposure({servers: [{port: {number: 15443}, tls: {mode: 'SIMPLE'}}]})}},
      [
        'east exposure error: the Gateway istio-system/cross-network-gateway has no server with AUTO_PASSTHROUGH on port 15443',
      ],
    ],
    [
      'no root',
      {facts: {servedRoot: undefined}},
      ['east root error: its root CA is not known: its istiod has handed none out'],
    ],
    [
      'a reader without rights',
      {facts: {reader: {account: {apiVersion: 'v1', kind: 'ServiceAccount', metadata: {name: 'r'}}, allowed: false}}},
      [
        'east reader error: the account istio-reader-service-account lacks rights: istiods of the others see nothing here',
      ],
    ],
    [
      'no credential',
      {credentials: []},
      ["east credentials error: it holds no credential for west: its pods can't find what runs there"],
    ],
    [
      'a revoked token',
      {credentials: [{key: 'west', secret: 's', leadsTo: 'west', state: 'refused'}]},
      ['east credentials error: west refuses the token in the Secret s: it was revoked or has ended'],
    ],
    [
      'a credential that nobody can judge',
      {credentials: [{key: 'west', secret: 's', leadsTo: 'west', state: 'unknown', why: 'it holds no token'}]},
      ['east credentials warning: whether west takes the credential in the Secret s is not known: it holds no token'],
    ],
    [
      'two Secrets for one cluster',
      {
        credentials: ['s', 't'].map(secret => ({key: 'west', secret, leadsTo: 'west', state: 'accepted'})),
      },
      ['east credentials error: west is registered by two Secrets, s and t: istiod takes one of them'],
    ],
    [
      'a key that does not fit',
      {credentials: [{key: 'occident', secret: 's', leadsTo: 'west', state: 'accepted'}]},
      [
        'east cluster-key error: the Secret s calls occident what calls itself west: its endpoints are taken for those of a cluster that nobody is in',
      ],
    ],
    [
      'an istiod of another name',
      {
        istiods: [
          view('east', 'west', {
            clusters: [
              {id: 'orient', secretName: '', syncStatus: 'synced'},
              {id: 'west', secretName: 'a/b', syncStatus: 'synced'},
            ],
          }),
        ],
      },
      ['east own-name error: istiod-east calls its cluster orient, the mesh calls it east'],
    ],
    [
      'a cluster that was not heard of',
      {istiods: [view('east', 'west', {clusters: [{id: 'east', secretName: '', syncStatus: 'synced'}]})]},
      ['east clusters-synced error: istiod-east does not know the cluster west'],
    ],
    [
      'a cluster that could not be read',
      {
        istiods: [
          view('east', 'west', {
            clusters: [
              {id: 'east', secretName: '', syncStatus: 'synced'},
              {id: 'west', secretName: 'a/b', syncStatus: 'timeout'},
            ],
          }),
        ],
      },
      ['east clusters-synced error: istiod-east has not read west: timeout'],
    ],
    [
      'a network without a known gateway',
      {istiods: [view('east', 'west', {gateways: []})]},
      ['east networks-known error: istiod-east knows no gateway into net-west, the network of west'],
    ],
    [
      'an old address',
      {
        istiods: [
          view('east', 'west', {gateways: [{network: 'net-west', cluster: 'west', address: '192.0.2.1', port: 15443}]}),
        ],
      },
      [
        'east networks-known error: istiod-east does not know 203.0.113.12, a gateway of west',
        'east networks-known error: istiod-east still sends to 192.0.2.1, which is no gateway of west any more',
      ],
    ],
    [
      'no endpoints',
      {istiods: [view('east', 'west', {endpoints: new Map([['east', new Set([helloHost])]])})]},
      [
        'east endpoints-known error: istiod-east knows endpoints in west of 0 of 1 services; not of helloworld.sample.svc.cluster.local',
      ],
    ],
  ]

  test.each(broken)('%s', (_, odd, expected) => expect(found([seen('east', odd), seen('west')])).toEqual(expected))

  test('some endpoints only: a warning', () => {
    const west = seen('west', {
      istiods: [
        view('west', 'east', {
          endpoints: new Map([
            ['west', new Set([helloHost, 'b.sample.svc.cluster.local'])],
            ['east', new Set([helloHost])],
          ]),
        }),
      ],
    })
    expect(found([seen('east'), west])).toEqual([
      'east endpoints-known warning: istiod-east knows endpoints in west of 1 of 2 services; not of b.sample.svc.cluster.local',
    ])
  })

  test('different roots, and one that is not handed out yet', () => {
    const plugged = (pem: string): KubernetesObject => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {name: 'cacerts'},
      data: {'root-cert.pem': Buffer.from(pem).toString('base64')},
    })
    const different = found([seen('east'), seen('west', {facts: {servedRoot: otherRoot}})])
    expect(different).toEqual([expect.stringMatching(/^west root error: its root CA \(.*is not that of east/)])
    const early = found([seen('east'), seen('west', {facts: {caSecret: plugged(root), servedRoot: otherRoot}})])
    expect(early).toEqual([expect.stringMatching(/^west root error: its istiod still hands out another root/)])
  })

  test('a gateway of another cluster into the same network is none of its own', () => {
    const gateway = (cluster: string, address: string) => ({network: 'net-west', cluster, address, port: 15443})
    const knows = (gateways: View['gateways']) =>
      found([seen('east', {istiods: [view('east', 'west', {gateways})]}), seen('west')])
    expect(knows([gateway('west', '203.0.113.12'), gateway('south', '192.0.2.1')])).toEqual([])
    expect(knows([gateway('south', '203.0.113.12')])).toHaveLength(1)
    // of the mesh config
    expect(knows([gateway('', '203.0.113.12'), gateway('', '192.0.2.1')])).toEqual([])
  })

  test('of a gateway with a host name any address will do', () => {
    const named = gatewayService('net-west', {status: {loadBalancer: {ingress: [{hostname: 'gateway.example'}]}}})
    expect(found([seen('east'), seen('west', {facts: {networkGateways: [named]}})])).toEqual([])
  })
})

describe('Services', () => {
  const lonely: SeenService = {namespace: 'sample', name: 'lonely', ports: []}

  test('missing ones by namespace', () => {
    const west = seen('west', {services: [hello, lonely, {...lonely, name: 'alone'}]})
    expect(found([seen('east'), west])).toEqual([
      "east services warning: namespace sample: alone, lonely of west are not here: pods here can't resolve their names",
    ])
  })

  test('a namespace that is not there', () => {
    const east = seen('east', {namespaces: new Set(['istio-system']), meshNamespaces: new Set(), services: []})
    expect(found([east, seen('west')])).toEqual([
      "east services warning: namespace sample: helloworld of west is not here (nor is the namespace): pods here can't resolve its name",
    ])
  })

  test('other ports, told on both sides', () => {
    const west = seen('west', {services: [{...hello, ports: ['http:80/TCP']}]})
    expect(found([seen('east'), west])).toEqual([
      'east services warning: namespace sample: ports differ: helloworld has http:5000/TCP here and http:80/TCP in west',
      'west services warning: namespace sample: ports differ: helloworld has http:80/TCP here and http:5000/TCP in east',
    ])
  })

  test('namespaces outside the mesh, and the system namespace, are not compared', () => {
    const west = seen('west', {
      services: [hello, {...lonely, namespace: 'outside'}, {...lonely, namespace: 'istio-system'}],
      meshNamespaces: new Set(['sample', 'istio-system']),
    })
    expect(found([seen('east'), west])).toEqual([])
  })
})

describe('what is not looked at is not shown', () => {
  test('of a cluster that does not answer only that', () => {
    const gone = {...seen('east'), unreachable: 'connect ECONNREFUSED', istiods: []}
    expect(looking(gone)).toEqual(['api-server'])
    expect(found([gone, seen('west')])).toContain('east api-server error: connect ECONNREFUSED')
  })

  test('without an istiod nothing that it would know', () =>
    expect(looking(seen('east', {istiods: []}))).not.toContain('clusters-synced'))

  test('in gateways mode nobody holds credentials', () => {
    const ids = looking(seen('east'), {gateways: true})
    expect(ids).not.toEqual(expect.arrayContaining(['credentials']))
    expect(ids).toEqual(expect.arrayContaining(['root', 'exposure', 'gateway-address']))
  })

  test('on one network no gateways', () => {
    expect(looking(seen('east'), {singleNetwork: true})).not.toContain('gateway-address')
    const one = {
      controlPlanes: [controlPlane('east', {network: 'net-west'})],
      namespace: seen('west').member.facts!.namespace,
    }
    expect(looking(seen('east', {facts: one}))).not.toContain('gateway-address')
  })
})

test('as it is printed', async () => {
  const spec = readSpec(federationVerifyFields, {contexts: 'east,west'})
  const preflight = readSpec(federationFields, {contexts: 'east,west'})
  const east = seen('east', {
    credentials: [{key: 'west', secret: 'istio-remote-secret-west', leadsTo: 'west', state: 'refused'}],
    services: [],
  })
  const verified = verifyClusters([east, seen('west')], preflight, spec, new Date(Date.UTC(2030, 0, 1)))
  await expectGolden('federate-verify/report.txt', formatVerified(verified, undefined))
  await expectGolden('federate-verify/report.json', formatVerified(verified, 'json'))
  await expectGolden('federate-verify/report.xml', formatJunit('kubectl mesh federate verify', verified))
})

/** A self-signed certificate. */
function rootPem(): string {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', '/dev/null']
  return openssl(['req', '-x509', ...key, '-subj', '/CN=root', '-days', '2'])
}
