import {expect, test} from 'vitest'
import {gatewayAddressOf, splitGateways} from '../../../src/mesh/services/gateway-address.ts'
import {gatewayService, object, ports} from './samples.ts'

const network = 'net-east'
const node = object(
  'Node',
  'n',
  {},
  {labels: {pool: 'a'}},
  {
    addresses: [
      {type: 'InternalIP', address: '10.0.0.9'},
      {type: 'ExternalIP', address: '198.51.100.1'},
    ],
  },
)
const balancer = {loadBalancer: {ingress: [{ip: '203.0.113.1'}, {hostname: 'gw.example'}]}}
const nodeSelector = (text: string) =>
  gatewayService({type: 'NodePort', ports}, {}, {'traffic.istio.io/nodeSelector': text})

test.each([
  ['load balancer', gatewayService({ports}, balancer), {addresses: ['203.0.113.1', 'gw.example'], port: 15443}],
  ['node port', gatewayService({type: 'NodePort', ports}), {addresses: ['198.51.100.1'], port: 31443}],
  ['selected nodes', nodeSelector('{"pool":"a"}'), {addresses: ['198.51.100.1'], port: 31443}],
  ['other nodes', nodeSelector('{"pool":"b"}'), undefined],
  ['an invalid annotation', nodeSelector('pool=a'), {addresses: ['198.51.100.1'], port: 31443}],
  ['no address', gatewayService({ports}), undefined],
])('%s', (_name, service, expected) => {
  expect(gatewayAddressOf({network, networkGateways: [service], nodes: [node]})).toEqual(expected)
})

test('gateways of other networks are ignored', () => {
  const networkGateways = [gatewayService({ports}, balancer)]
  expect(gatewayAddressOf({network: 'other', networkGateways, nodes: undefined})).toBeUndefined()
})

test('gateways in other namespaces count only if they are named', () => {
  const gatewayIn = (namespace: string, name: string) => {
    const service = gatewayService({ports}, balancer)
    return {...service, metadata: {...service.metadata, namespace, name}}
  }
  const [ours, theirs] = [gatewayIn('istio-system', 'ours'), gatewayIn('a-team', 'theirs')]
  const trust = {systemNamespace: 'istio-system'}
  const both = [theirs, ours]
  expect(splitGateways(both, network, trust)).toEqual({networkGateways: [ours], otherGateways: [theirs]})
  expect(splitGateways([theirs], network, trust)).toEqual({networkGateways: [], otherGateways: [theirs]})
  expect(splitGateways(both, network, {...trust, namedGateways: ['a-team/theirs']})).toEqual({
    networkGateways: both,
    otherGateways: [],
  })
  expect(splitGateways([theirs], 'other', trust)).toEqual({networkGateways: [], otherGateways: []})
})
