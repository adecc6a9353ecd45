import {expect, test} from 'vitest'
import {
  acceptsMtls,
  isGatewayPod,
  podsOf,
  portsOf,
  readyEndpoints,
  servicesOf,
} from '../../../src/features/authz/istio-services.ts'
import {authzFacts, object} from '../federate/samples-mesh.ts'
import {extService, healthy, host, webPod} from './samples.ts'

const entry = (namespace: string) => object('ServiceEntry', `${namespace}/api`, {spec: {hosts: ['api.example.com']}})
const facts = authzFacts({...healthy, serviceEntries: [entry('a'), entry('b')]})

test('the services that define a host', () => {
  const names = (text: string) =>
    servicesOf(text, facts, 'cluster.local').map(({metadata}) => `${metadata.namespace}/${metadata.name}`)
  expect(names(host)).toEqual(['authz/ext'])
  expect(names('api.example.com')).toEqual(['a/api', 'b/api'])
  expect(names('b/api.example.com')).toEqual(['b/api'])
  expect(names('other.example.com')).toEqual([])
})

test('the protocol of a port: appProtocol, else the name in a Service or the protocol in a ServiceEntry', () => {
  const ports = [
    {port: 80, name: 'GRPC-x'},
    {port: 81, name: 'x', appProtocol: 'http2'},
  ]
  expect(portsOf(object('Service', 'a/b', {spec: {ports}}))).toEqual([
    {number: 80, protocol: 'grpc-x'},
    {number: 81, protocol: 'http2'},
  ])
  const external = {spec: {ports: [{number: 443, name: 'x', protocol: 'GRPC'}]}}
  expect(portsOf(object('ServiceEntry', 'a/b', external))).toEqual([{number: 443, protocol: 'grpc'}])
})

test('ready endpoints, each address once, and the pods of a Service', () => {
  const slice = {
    ...healthy.slices[0]!,
    endpoints: [{addresses: ['1', '3']}, {addresses: ['2'], conditions: {ready: false}}],
  }
  expect(readyEndpoints(extService, {...facts, slices: [...healthy.slices, slice]})).toBe(2)
  expect(readyEndpoints(entry('a'), facts)).toBeUndefined()
  expect(podsOf(extService, facts)).toEqual([healthy.pods[0]])
})

test('pods of gateways, and pods that accept mTLS', () => {
  const annotations = {'inject.istio.io/templates': 'gateway'}
  const gateways = [
    object('Pod', 'a/b', {metadata: {annotations}}),
    object('Pod', 'a/b', {metadata: {labels: {'gateway.networking.k8s.io/gateway-name': 'gw'}}}),
    object('Pod', 'a/b', {spec: {containers: [{name: 'istio-proxy', args: ['proxy', 'router']}]}}),
  ]
  expect([...gateways, webPod].map(isGatewayPod)).toEqual([true, true, true, false])
  expect([healthy.pods[0]!, gateways[2]!, object('Pod', 'shop/plain')].map(acceptsMtls)).toEqual([true, true, false])
})
