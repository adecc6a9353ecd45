import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import type {ClusterFacts, ClusterParts, GraphFacts} from '../../../src/features/graph/facts.ts'
import {graphOf} from '../../../src/features/graph/report-model.ts'
import type {Graph} from '../../../src/features/graph/report-types.ts'
import {resolveMember} from '../../../src/mesh/members.ts'
import {exportersAnnotation} from '../../../src/mesh/services/objects.ts'
import {gatewayService, member} from '../../mesh/samples.ts'

const now = new Date('2026-11-29T12:00:00Z')
const day = 86_400_000

/** A cluster as `federate status` reports it. */
export function row(cluster: string, more: Partial<ClusterFacts> = {}): ClusterFacts {
  return {
    ...{context: cluster, cluster, network: `net-${cluster}`, istio: '1.31.0'},
    ...{root: '3A:91:00:00:00:AA', sameRoot: true, caExpires: new Date(now.getTime() + 364 * day)},
    ...more,
  }
}

function gateway(network: string, address: string): KubernetesObject {
  const status = {loadBalancer: {ingress: [{ip: address}]}}
  return gatewayService(network, {status})
}

/** The ServiceEntry of a service that `exporters` export. */
export function importEntry(service: string, exporters: readonly string[]): KubernetesObject {
  const one = {
    ...{
      addresses: ['203.0.113.11'],
      port: 15443,
      network: 'net-east',
      identities: ['spiffe://cluster.local/ns/shop/sa/app'],
    },
    ...{ports: [{number: 80, protocol: 'HTTP', name: 'http'}], clusterDomain: 'cluster.local'},
  }
  const annotations = {[exportersAnnotation]: JSON.stringify(Object.fromEntries(exporters.map(name => [name, one])))}
  return {
    ...{apiVersion: 'networking.istio.io/v1', kind: 'ServiceEntry'},
    metadata: {name: service, namespace: 'istio-system', annotations},
    spec: {hosts: [service], addresses: ['240.0.0.1']},
  }
}

const parts: ClusterParts = {
  tenants: [
    {
      tenant: 'mesh',
      namespace: 'istio-system',
      revision: 'default',
      version: '1.31.0',
      ready: 1,
      replicas: 1,
      namespaces: [],
    },
    {
      tenant: 'group-1',
      namespace: 'group-1',
      revision: 'group-1',
      version: '1.30.4',
      ready: 0,
      replicas: 1,
      namespaces: ['a', 'b'],
    },
  ],
  vms: [
    {namespace: 'vm', group: 'web', entry: 'web-1', address: '10.0.0.3', health: 'healthy', connected: true},
    {namespace: 'vm', group: 'web', entry: 'web-2', address: '10.0.0.4', health: 'unknown', connected: false},
  ],
  localities: [
    {locality: {region: 'eu', zone: 'eu-1a', subzone: ''}, nodes: 3, endpoints: 12},
    {locality: {region: '', zone: '', subzone: ''}, nodes: 0, endpoints: 1},
  ],
  unread: [],
}

/** Three clusters of a mesh: east and west work, south does not answer, and west refuses east's credential. */
export function facts(): GraphFacts {
  const read = (name: string, address: string, imports: KubernetesObject[] = []) =>
    member(name, {networkGateways: [gateway(`net-${name}`, address)], imports})
  return {
    systemNamespace: 'istio-system',
    members: [
      read('east', '203.0.113.11'),
      read('west', '203.0.113.12', [importEntry('app.shop.global', ['east'])]),
      resolveMember({clusterName: {}, revision: undefined}, 'south', undefined),
    ],
    parts: new Map([
      ['east', parts],
      ['west', {tenants: [], vms: [], localities: [], unread: []}],
    ]),
    report: {
      mode: 'multi-primary',
      now,
      rows: [
        row('east'),
        row('west', {caExpires: new Date(now.getTime() + 20.5 * day)}),
        row('south', {
          ...{network: '-', istio: '-', root: '-', sameRoot: false, caExpires: undefined},
          error: {state: 'not reachable', message: 'connect ETIMEDOUT 203.0.113.13:6443'},
        }),
      ],
      held: [
        {holder: 'east', target: 'east', state: 'self'},
        {holder: 'east', target: 'west', state: 'refused', leftMs: 80 * day},
        {holder: 'east', target: 'south', state: 'unknown', leftMs: 80 * day},
        {holder: 'west', target: 'east', state: 'valid', leftMs: 89 * day},
        {holder: 'west', target: 'south', state: 'missing'},
      ],
      findings: [
        {
          level: 'error',
          check: 'gateway-pods',
          cluster: 'west',
          message: 'Deployment istio-eastwestgateway has no available pod',
        },
        {
          level: 'error',
          check: 'credential-layout',
          cluster: 'west',
          message: 'no Secret registers south',
          hints: ['h'],
        },
        {level: 'warning', check: 'mesh-id', message: 'mesh IDs differ: a, b'},
      ],
    },
  }
}

/** Two clusters without a problem. */
export function healthyFacts(): GraphFacts {
  const all = facts()
  const isKnown = (name: string) => name !== 'south'
  return {
    ...all,
    members: all.members.filter(({cluster}) => isKnown(cluster)),
    report: {
      ...all.report,
      rows: [row('east'), row('west')],
      held: [
        {holder: 'east', target: 'west', state: 'valid', leftMs: 30 * day},
        {holder: 'west', target: 'east', state: 'valid', leftMs: 89 * day},
      ],
      findings: [],
    },
  }
}

/** The graph of `facts`. */
export function graph(): Graph {
  return graphOf(facts())
}

/** A graph in which every text is `text`. */
export function hostileGraph(text: string): Graph {
  const problem = {state: 'broken' as const, check: text, message: text}
  const cluster = (name: string) => ({
    ...{name, context: text, network: text, istio: text, primary: text, state: 'broken' as const},
    ca: {root: text, sameRoot: false, expires: text, daysLeft: 1, state: 'warning' as const},
    gateways: [{name: text, namespace: text, addresses: [text]}],
    tenants: [{name: text, namespace: text, revision: text, istio: text, ready: 1, replicas: 1, namespaces: 1}],
    vms: [{name: text, namespace: text, address: text, health: text, connected: true}],
    localities: [{locality: text, nodes: 1, endpoints: 1}],
    resources: [{kind: text, name: text, text}],
    problems: [problem],
  })
  const link = {state: 'broken' as const, text, check: text, expiresInSeconds: 1}
  return {
    ...{mode: 'gateways', time: '2026-11-29T12:00:00.000Z'},
    clusters: [cluster(text), cluster('other')],
    links: [
      {holder: text, target: 'other', ...link},
      {holder: 'other', target: `${text}x`, ...link},
    ],
    exports: [{service: text, exporters: [text], importers: ['other']}],
    problems: [problem],
  }
}
