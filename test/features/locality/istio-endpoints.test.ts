import {expect, test} from 'vitest'
import {formatLocality, parseLocality} from '../../../src/features/locality/istio.ts'
import {
  allEndpoints,
  endpointsOf,
  findService,
  groupEndpoints,
  nodeLocalities,
} from '../../../src/features/locality/istio-endpoints.ts'
import {readMeshHost} from '../../../src/istio/mesh-host.ts'
import {localityFacts, object} from '../federate/samples-mesh.ts'
import {node, pod, webService, webSlice} from './samples.ts'

test('the ready endpoints of a Service, with the locality of the pod label, the node or the entry', () => {
  const slice = object('EndpointSlice', 'shop/web-1', {
    metadata: {labels: {'kubernetes.io/service-name': 'web'}},
    endpoints: [
      {addresses: ['1'], nodeName: 'a', conditions: {ready: true}},
      {addresses: ['2'], nodeName: 'b', conditions: {ready: false}},
      {addresses: ['3'], nodeName: 'b', targetRef: {kind: 'Pod', name: 'web-3'}},
    ],
  })
  const facts = localityFacts({
    nodes: [node('a', 'r/z1'), node('b', 'r/z2')],
    slices: [slice, {...slice, metadata: {...slice.metadata, namespace: 'other'}}],
    pods: [pod('shop/web-3', {'istio-locality': 'q.z9'})],
    workloadEntries: [
      object('WorkloadEntry', 'shop/vm', {spec: {address: '9', labels: {app: 'web'}, locality: 'r/z3/s'}}),
    ],
  })
  expect(endpointsOf(webService, facts).map(({address, locality}) => `${address} ${formatLocality(locality)}`)).toEqual(
    ['1 r/z1', '3 q/z9', '9 r/z3/s'],
  )
})

test('the endpoints of a ServiceEntry: its own, WorkloadEntries and pods; each address once', () => {
  const entry = object('ServiceEntry', 'shop/api', {
    spec: {
      hosts: ['api.example.com'],
      endpoints: [{address: '1', locality: 'r/z1'}, {address: '2'}],
      workloadSelector: {labels: {app: 'api'}},
    },
  })
  const facts = localityFacts({
    nodes: [node('a', 'r/z2')],
    workloadEntries: [
      object('WorkloadEntry', 'shop/vm', {spec: {address: '2', labels: {app: 'api'}, locality: 'r/z3'}}),
    ],
    pods: [pod('shop/api-1', {app: 'api'}, {spec: {nodeName: 'a'}, status: {podIP: '3'}})],
    serviceEntries: [entry],
  })
  expect(endpointsOf(entry, facts).map(({address, locality}) => `${address} ${formatLocality(locality)}`)).toEqual([
    '1 r/z1',
    '2 r/z3',
    '3 r/z2',
  ])
  expect(findService(readMeshHost('api.example.com', 'shop', 'cluster.local'), facts)).toBe(entry)
  expect(findService(readMeshHost('web', 'shop', 'cluster.local'), facts)).toBeUndefined()
})

test('all endpoints of the cluster, and the localities of nodes', () => {
  const facts = localityFacts({
    nodes: [node('a', 'r/z1'), node('b', '')],
    services: [webService, object('Service', 'shop/empty')],
    slices: [webSlice('a', 'b')],
  })
  expect(allEndpoints(facts)).toHaveLength(2)
  expect([...nodeLocalities(facts)].map(([name, locality]) => `${name} ${formatLocality(locality)}`)).toEqual([
    'a r/z1',
    'b -',
  ])
})

test('endpoints are grouped by locality and by the compared labels only', () => {
  const endpoint = (address: string, locality: string, labels: Record<string, string>) => ({
    address,
    locality: parseLocality(locality),
    labels,
  })
  const endpoints = [
    endpoint('1', 'r/z2', {version: 'v1', pod: 'a'}),
    endpoint('2', 'r/z1', {version: 'v1'}),
    endpoint('3', 'r/z2', {version: 'v1', pod: 'b'}),
    endpoint('4', 'r/z2', {version: 'v2'}),
  ]
  const groups = groupEndpoints(endpoints, ['version'])
  expect(groups.map(({locality, labels, count}) => [formatLocality(locality), labels.version, count])).toEqual([
    ['r/z1', 'v1', 1],
    ['r/z2', 'v1', 2],
    ['r/z2', 'v2', 1],
  ])
  expect(groupEndpoints(endpoints, []).map(({count}) => count)).toEqual([1, 3])
})
