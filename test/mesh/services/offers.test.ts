import {describe, expect, test} from 'vitest'
import {offersOf} from '../../../src/mesh/services/offers.ts'
import type {ExportingCluster} from '../../../src/mesh/services/read.ts'
import {exporting, gatewayService, object, pod, ports} from './samples.ts'

const offersFrom = (more: Partial<ExportingCluster>, known = new Map<string, string[]>()) =>
  offersOf(exporting(more), 'cluster.local', known)
const exporterFrom = (more: Partial<ExportingCluster>) => offersFrom(more).offers[0]!.exporter
const reasonFrom = (more: Partial<ExportingCluster>) => offersFrom(more).refusals[0]!.reason

describe('offersOf', () => {
  test('an offer has the identities of the selected pods', () => {
    expect(exporterFrom({})).toMatchObject({
      addresses: ['203.0.113.1'],
      port: 15443,
      network: 'net-east',
      identities: ['spiffe://cluster.local/ns/sample/sa/default', 'spiffe://cluster.local/ns/sample/sa/hello'],
    })
  })

  test('identities of ended and deleted pods are ignored, those of VMs are included', () => {
    const ended = {...pod('x', 'hello', 'gone'), status: {phase: 'Succeeded'}}
    const deleted = pod('y', 'hello', 'deleted', {deletionTimestamp: '2026-01-01T00:00:00Z'})
    const elsewhere = pod('z', 'hello', 'elsewhere', {namespace: 'other'})
    const vm = object('WorkloadEntry', 'vm', {labels: {app: 'hello'}, serviceAccount: 'vm'})
    expect(exporterFrom({pods: [ended, deleted, elsewhere], workloadEntries: [vm]}).identities).toEqual([
      'spiffe://cluster.local/ns/sample/sa/vm',
    ])
  })

  test('without pods, identities of earlier exports are used', () => {
    expect(reasonFrom({pods: []})).toMatch(/selects no workload/)
    const known = new Map([['hello.sample.global', ['spiffe://old/ns/sample/sa/known']]])
    expect(offersFrom({pods: []}, known).offers[0]!.exporter.identities).toEqual(['spiffe://old/ns/sample/sa/known'])
  })

  test('accounts of WorkloadEntries that are no names are ignored', () => {
    const vm = (serviceAccount: unknown) => object('WorkloadEntry', 'vm', {labels: {app: 'hello'}, serviceAccount})
    const workloadEntries = ['x/../../../ns/other/sa/admin', 'a\nb', 5, 'vm'].map(vm)
    expect(exporterFrom({pods: [], workloadEntries}).identities).toEqual(['spiffe://cluster.local/ns/sample/sa/vm'])
  })

  test('refuses values that other clusters would not accept', () => {
    const controlPlane = {...exporting().controlPlane!, trustDomain: 'a/b\nc'}
    expect(reasonFrom({controlPlane})).toMatch(/^cannot be imported by other clusters: identities "spiffe:/)
  })

  test('a Service without a selector selects no pods', () => {
    const service = object('Service', 'hello', {clusterIP: '10.0.0.1', ports: [{port: 80}]})
    expect(reasonFrom({services: [service]})).toMatch(/selects no workload/)
  })

  test('pods without a sidecar are noted', () => {
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
    ['UDP', {clusterIP: '10.0.0.1', selector: {app: 'hello'}, ports: [{port: 53, protocol: 'UDP'}]}, /only UDP ports/],
  ])('refuses a Service: %s', (_, spec, reason) => {
    expect(reasonFrom({services: [object('Service', 'hello', spec)]})).toMatch(reason)
  })

  test('refuses a Service that is not exposed, or a cluster without a gateway address', () => {
    expect(reasonFrom({gateways: []})).toMatch(/not exposed by the gateway of east/)
    expect(reasonFrom({networkGateways: []})).toMatch(/no gateway for its network net-east/)
    expect(reasonFrom({networkGateways: [gatewayService({ports}, {})]})).toMatch(/with an address/)
    expect(reasonFrom({network: 'net-else'})).toMatch(/network net-else/)
  })

  test('a NodePort gateway has the addresses of the nodes that its annotation selects', () => {
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

  test('a Service in a namespace that istiod does not watch is refused', () => {
    expect(offersFrom({unwatched: ['other']}).refusals).toEqual([])
    expect(offersFrom({unwatched: ['sample']}).refusals).toMatchObject([
      {
        reason:
          'would have no endpoints: the labels of namespace sample match none of the discoverySelectors of istiod',
        hint: expect.stringContaining('kubectl --context east get namespace sample --show-labels'),
      },
    ])
  })
})
