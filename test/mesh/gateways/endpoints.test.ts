import {expect, test} from 'vitest'
import {gatewayEndpointsOf, nodeEndpointsOf} from '../../../src/mesh/gateways/endpoints.ts'
import {gatewayText} from '../../../src/mesh/gateways/text.ts'
import {gatewayService, member} from '../samples.ts'

const annotation = 'traffic.istio.io/nodeSelector'
const node = (name: string, addresses: [type: string, address: string][], labels: Record<string, string> = {}) => ({
  ...{apiVersion: 'v1', kind: 'Node', metadata: {name, labels}},
  status: {addresses: addresses.map(([type, address]) => ({type, address}))},
})
const nodes = [
  node(
    'a',
    [
      ['InternalIP', '10.0.0.1'],
      ['ExternalIP', '198.51.100.1'],
      ['ExternalIP', '2001:db8::1'],
    ],
    {pool: 'edge'},
  ),
  node('b', [['ExternalIP', '198.51.100.2']]),
  node('c', [['InternalIP', '10.0.0.3']], {pool: 'edge'}),
]
const nodePort = (selector: string | undefined, more: object = {}) => {
  const service = gatewayService('net-east', {
    spec: {type: 'NodePort', ports: [{port: 15443, nodePort: 32620}], ...more},
  })
  const annotations: Record<string, string> = selector === undefined ? {} : {[annotation]: selector}
  return {...service, metadata: {...service.metadata, annotations}}
}
const at = (port: number, ...addresses: string[]) => addresses.map(address => ({address, port}))

test.each([
  ['without the annotation', nodePort(undefined), []],
  ['with an empty selector', nodePort('{}'), at(32620, '198.51.100.1', '198.51.100.2')],
  ['with a selector', nodePort('{"pool":"edge"}'), at(32620, '198.51.100.1')],
  ['with a selector that is no JSON', nodePort('pool=edge'), at(32620, '198.51.100.1', '198.51.100.2')],
  ['with external IPs', nodePort(undefined, {externalIPs: ['192.0.2.1']}), at(15443, '192.0.2.1')],
  ['with external IPs and the annotation', nodePort('{}', {externalIPs: ['192.0.2.1']}), at(32620, '192.0.2.1')],
])('a gateway of type NodePort %s', (_what, service, expected) => {
  expect(gatewayEndpointsOf(service, nodes)).toEqual(expected)
})

test('a load balancer has the port of the Service', () => {
  const status = {loadBalancer: {ingress: [{ip: '203.0.113.1'}, {hostname: 'gw.example'}]}}
  expect(gatewayEndpointsOf(gatewayService('net-east', {status}), nodes)).toEqual(
    at(15443, '203.0.113.1', 'gw.example'),
  )
})

test('a gateway whose nodes are not known has no endpoints', () => {
  expect(gatewayEndpointsOf(nodePort('{}'), undefined)).toEqual([])
  expect(nodeEndpointsOf(nodePort(undefined), undefined)).toEqual([])
})

test('the text has the port of the nodes, and at most three of them', () => {
  const more = [...nodes, node('d', [['ExternalIP', '2001:db8::4']]), node('e', [['ExternalIP', '198.51.100.5']])]
  const textOf = (found: typeof nodes) =>
    gatewayText(member('east', {networkGateways: [nodePort('{}')], nodes: found}), [])
  expect(textOf(nodes)).toBe('198.51.100.1:32620,198.51.100.2:32620')
  expect(textOf(more)).toBe('198.51.100.1:32620,198.51.100.2:32620,[2001:db8::4]:32620 and 1 more')
})
