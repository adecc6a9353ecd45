import {describe, expect, test} from 'vitest'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import {wantedImports} from '../../../src/mesh/services/exports.ts'
import type {Exporter, ServiceImport} from '../../../src/mesh/services/objects.ts'
import {type Offer, offersOf} from '../../../src/mesh/services/offers.ts'
import type {ExportingCluster, ImportingCluster, ServiceCluster} from '../../../src/mesh/services/read.ts'
import {controlPlane} from '../samples.ts'

const base = (name: string): ServiceCluster => ({
  context: name,
  cluster: {context: name} as ServiceCluster['cluster'],
  name,
  network: `net-${name}`,
  controlPlane: controlPlane(name),
  record: undefined,
})

const object = (
  kind: string,
  name: string,
  spec: unknown,
  more: Partial<KubernetesObject['metadata']> = {},
  status?: unknown,
) => ({
  apiVersion: 'v1',
  kind,
  metadata: {name, namespace: 'sample', ...more},
  spec,
  status,
})

const pod = (
  name: string,
  app: string,
  serviceAccountName?: string,
  more: Partial<KubernetesObject['metadata']> = {},
) => object('Pod', name, {serviceAccountName}, {labels: {app, 'security.istio.io/tlsMode': 'istio'}, ...more})

const hello = object('Service', 'hello', {
  clusterIP: '10.0.0.1',
  selector: {app: 'hello'},
  ports: [{port: 80, name: 'http'}],
})
const gatewayService = (spec: object, status: object = {}, annotations = {}) =>
  object('Service', 'gw', spec, {labels: {'topology.istio.io/network': 'net-east'}, annotations}, status)
const ports = [{port: 15443, nodePort: 31443}]
const balanced = gatewayService({ports}, {loadBalancer: {ingress: [{ip: '203.0.113.1'}]}})
const exposure = object('Gateway', 'cross-network-gateway', {
  servers: [{hosts: ['*.local'], tls: {mode: 'AUTO_PASSTHROUGH'}}],
})

function exporting(more: Partial<ExportingCluster> = {}): ExportingCluster {
  return {
    ...base('east'),
    networkGateways: [balanced],
    gateways: [exposure],
    nodes: [],
    services: [hello],
    pods: [pod('a', 'hello', 'hello'), pod('b', 'hello'), pod('c', 'other', 'other')],
    workloadEntries: [],
    ...more,
  }
}

const offersFrom = (more: Partial<ExportingCluster>, known = new Map<string, string[]>()) =>
  offersOf(exporting(more), 'cluster.local', known)
const exporterFrom = (more: Partial<ExportingCluster>) => offersFrom(more).offers[0]!.exporter
const reasonFrom = (more: Partial<ExportingCluster>) => offersFrom(more).refusals[0]!.reason

describe('what a cluster offers', () => {
  test('the identities of the pods that are selected, and of no other', () => {
    expect(exporterFrom({})).toMatchObject({
      addresses: ['203.0.113.1'],
      port: 15443,
      network: 'net-east',
      identities: ['spiffe://cluster.local/ns/sample/sa/default', 'spiffe://cluster.local/ns/sample/sa/hello'],
    })
  })

  test('pods that have ended or go have no say; VMs have', () => {
    const ended = {...pod('x', 'hello', 'gone'), status: {phase: 'Succeeded'}}
    const going = pod('y', 'hello', 'going', {deletionTimestamp: '2026-01-01T00:00:00Z'})
    const elsewhere = pod('z', 'hello', 'elsewhere', {namespace: 'other'})
    const vm = object('WorkloadEntry', 'vm', {labels: {app: 'hello'}, serviceAccount: 'vm'})
    expect(exporterFrom({pods: [ended, going, elsewhere], workloadEntries: [vm]}).identities).toEqual([
      'spiffe://cluster.local/ns/sample/sa/vm',
    ])
  })

  test('without a pod, the identities that others know already', () => {
    expect(reasonFrom({pods: []})).toMatch(/no pod behind it/)
    const known = new Map([['hello.sample.global', ['spiffe://known']]])
    expect(offersFrom({pods: []}, known).offers[0]!.exporter.identities).toEqual(['spiffe://known'])
  })

  test('a Service without a selector selects nobody', () => {
    const service = object('Service', 'hello', {clusterIP: '10.0.0.1', ports: [{port: 80}]})
    expect(reasonFrom({services: [service]})).toMatch(/no pod behind it/)
  })

  test('pods without a sidecar are told', () => {
    const bare = {...pod('a', 'hello'), metadata: {name: 'a', namespace: 'sample', labels: {app: 'hello'}}}
    expect(offersFrom({pods: [bare]}).offers[0]!.notes).toEqual([
      expect.stringMatching(/none of its pods has a sidecar/),
    ])
    expect(offersFrom({}).offers[0]!.notes).toEqual([])
  })

  test.each([
    ['headless', {clusterIP: 'None', selector: {app: 'hello'}, ports: [{port: 80}]}, /headless/],
    ['ExternalName', {type: 'ExternalName', externalName: 'x.org'}, /ExternalName/],
    ['without ports', {clusterIP: '10.0.0.1', selector: {app: 'hello'}}, /has no ports/],
    ['UDP', {clusterIP: '10.0.0.1', selector: {app: 'hello'}, ports: [{port: 53, protocol: 'UDP'}]}, /UDP ports only/],
  ])('%s is refused', (_, spec, reason) => {
    expect(reasonFrom({services: [object('Service', 'hello', spec)]})).toMatch(reason)
  })

  test('what the gateway does not let through, or who has none, is refused', () => {
    expect(reasonFrom({gateways: []})).toMatch(/not let through/)
    expect(reasonFrom({networkGateways: []})).toMatch(/no gateway for its network net-east/)
    expect(reasonFrom({networkGateways: [gatewayService({ports}, {})]})).toMatch(/with an address/)
    expect(reasonFrom({network: 'net-else'})).toMatch(/network net-else/)
  })

  test('a NodePort gateway is reached at the nodes that its annotation selects', () => {
    const node = (name: string, zone: string, address: string) =>
      object(
        'Node',
        name,
        {},
        {labels: {pool: name, 'topology.kubernetes.io/region': 'eu', 'topology.kubernetes.io/zone': zone}},
        {
          addresses: [
            {type: 'InternalIP', address: '10.0.0.9'},
            {type: 'ExternalIP', address},
          ],
        },
      )
    const nodes = [node('a', 'eu-1', '198.51.100.1'), node('b', 'eu-2', '198.51.100.2')]
    const service = gatewayService({type: 'NodePort', ports})
    expect(exporterFrom({networkGateways: [service], nodes})).toMatchObject({
      addresses: ['198.51.100.1', '198.51.100.2'],
      port: 31443,
      locality: 'eu',
    })
    const chosen = gatewayService({type: 'NodePort', ports}, {}, {'traffic.istio.io/nodeSelector': '{"pool":"b"}'})
    expect(exporterFrom({networkGateways: [chosen], nodes}).addresses).toEqual(['198.51.100.2'])
    expect(exporterFrom({networkGateways: [service], nodes: [nodes[0]!]}).locality).toBe('eu/eu-1')
  })
})

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
  othersEntries: [],
  imports,
  hasParent: false,
  dnsConfig: undefined,
  ...more,
})
const known = (exporters: Record<string, Exporter>, addresses: string[] = []): ServiceImport => ({
  name: 'hello',
  namespace: 'sample',
  exporters,
  addresses,
})
const never = () => false

describe('what a cluster is to import', () => {
  test('exporters of before stay, a new one comes, its own offer does not count', () => {
    const {imports} = wantedImports(importing([known({east: exporter})]), [offer('south'), offer('west')], never)
    expect(imports.map(({exporters}) => Object.keys(exporters))).toEqual([['east', 'south']])
  })

  test('one exporter goes and the others stay; with the last one all goes', () => {
    const both = importing([known({east: exporter, south: exporter})])
    expect(wantedImports(both, [], ({cluster}) => cluster === 'east').imports[0]!.exporters).toEqual({south: exporter})
    expect(wantedImports(both, [], () => true).imports).toEqual([])
  })

  test('a host of someone else is theirs', () => {
    const theirs = object('ServiceEntry', 'theirs', {hosts: ['a.b', 'hello.sample.global']})
    const {imports, refusals} = wantedImports(importing([], {othersEntries: [theirs]}), [offer('east')], never)
    expect(imports).toEqual([])
    expect(refusals[0]!.reason).toMatch(/ServiceEntry sample\/theirs of others has the host hello.sample.global/)
  })

  test('exporters that have no port in common, or other domains, are refused; some ports are told', () => {
    const before = importing([known({east: exporter})])
    const tcp = {...exporter.ports[0]!, protocol: 'TCP'}
    expect(wantedImports(before, [offer('south', {ports: [tcp]})], never)).toMatchObject({
      imports: [{exporters: {east: exporter}}],
      refusals: [{reason: expect.stringMatching(/no port that is the same in east, south/)}],
    })
    expect(wantedImports(before, [offer('south', {clusterDomain: 'x.org'})], never).refusals[0]!.reason).toMatch(
      /DNS domains/,
    )
    const more = [...exporter.ports, {name: 'b', number: 81, protocol: 'HTTP'}]
    expect(wantedImports(before, [offer('south', {ports: more})], never).notes[0]!.text).toMatch(
      /port 81 of south is left out/,
    )
  })

  test('addresses of ours only where Istio does not answer; they stay, and nobody else has them', () => {
    const record = {addresses: [], dns: 'coredns', dnsForward: [], ownsDnsCapture: false} as const
    const first = wantedImports(importing([], {record}), [offer('east')], never).imports[0]!.addresses
    expect(first).toHaveLength(1)
    const again = importing([known({east: exporter}, ['240.241.9.9'])], {record})
    expect(wantedImports(again, [offer('east')], never).imports[0]!.addresses).toEqual(['240.241.9.9'])
    for (const entry of [
      object('ServiceEntry', 'x', {addresses: first}),
      object('ServiceEntry', 'x', {}, {}, {addresses: [{value: first[0]}]}),
    ])
      expect(
        wantedImports(importing([], {record, othersEntries: [entry]}), [offer('east')], never).imports[0]!.addresses,
      ).not.toEqual(first)
    const istio = importing([known({east: exporter}, ['240.241.9.9'])])
    expect(wantedImports(istio, [offer('east')], never).imports[0]!.addresses).toEqual([])
  })
})
