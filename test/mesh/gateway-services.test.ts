import {describe, expect, test} from 'vitest'
import {addressesOf, gatewaysInto} from '../../src/mesh/gateway-services.ts'
import {gatewayService, member} from './samples.ts'

describe('gatewaysInto', () => {
  const into = (...services: ReturnType<typeof gatewayService>[]) =>
    gatewaysInto(member('east', {networkGateways: services})).length

  test.each([
    ['of the network', gatewayService('net-east'), 1],
    ['of another network', gatewayService('net-west'), 0],
    ['without the gateway port', gatewayService('net-east', {spec: {ports: [{port: 15021}]}}), 0],
    ['without ports', gatewayService('net-east', {spec: {ports: undefined}}), 0],
    [
      'with the port of its label',
      gatewayService('net-east', {labels: {'networking.istio.io/gatewayPort': '8443'}, spec: {ports: [{port: 8443}]}}),
      1,
    ],
    [
      'with another port than its label',
      gatewayService('net-east', {labels: {'networking.istio.io/gatewayPort': '8443'}}),
      0,
    ],
  ])('a Service %s: %i gateways', (_, service, count) => expect(into(service)).toBe(count))
})

describe('addressesOf', () => {
  test.each([
    ['a new Service', {}, []],
    ['an IP', {status: {loadBalancer: {ingress: [{ip: '203.0.113.1'}]}}}, ['203.0.113.1']],
    ['a host name', {status: {loadBalancer: {ingress: [{hostname: 'lb.example'}]}}}, ['lb.example']],
    [
      'an IP with a host name, where the IP wins',
      {status: {loadBalancer: {ingress: [{ip: '203.0.113.1', hostname: 'lb.example'}]}}},
      ['203.0.113.1'],
    ],
    [
      'several addresses and external IPs',
      {
        spec: {externalIPs: ['192.0.2.1']},
        status: {loadBalancer: {ingress: [{ip: '203.0.113.1'}, {}, {hostname: 'b'}]}},
      },
      ['203.0.113.1', 'b', '192.0.2.1'],
    ],
    ['an empty load balancer', {status: {loadBalancer: {}}}, []],
  ])('of %s', (_, more, addresses) => expect(addressesOf(gatewayService('n', more))).toEqual(addresses))
})
