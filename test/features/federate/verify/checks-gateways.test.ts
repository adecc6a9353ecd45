import {describe, expect, test} from 'vitest'
import {verifyChecks} from '../../../../src/features/federate/verify/checks.ts'
import type {IstiodState} from '../../../../src/features/federate/verify/read-istiods.ts'
import {gatewayService} from '../../../mesh/samples.ts'
import {primaryAndRemote} from '../../../mesh/samples-remote.ts'
import {balanced, type Differs, exposure, foundBy, istiodState, observed} from './samples.ts'

describe('findings of all checks for a cluster', () => {
  const namespace = (labels: Record<string, string>) => ({
    namespace: {apiVersion: 'v1', kind: 'Namespace', metadata: {name: 'istio-system', labels}},
  })
  test.each<[string, Differs, string[]]>([
    [
      'the network label is missing',
      {facts: namespace({})},
      [
        'east network-label error: namespace istio-system has no label topology.istio.io/network; expected net-east. Other clusters bypass its gateway',
      ],
    ],
    [
      'no gateway',
      {facts: {networkGateways: []}},
      [
        'east gateway-address error: no east-west gateway: no Service with port 15443 is labelled topology.istio.io/network=net-east',
      ],
    ],
    [
      'a gateway without an address',
      {facts: {networkGateways: [gatewayService('net-east', {status: balanced(undefined)})]}},
      [
        'east gateway-address error: gateway Service istio-system/istio-eastwestgateway has no address, so other clusters cannot reach pods of this cluster',
      ],
    ],
    [
      'an address that is not reachable from here',
      {addresses: [{address: '203.0.113.11', port: 15443, error: 'no connection in 3 s'}]},
      [
        'east gateway-reachable warning: cannot connect to 203.0.113.11 port 15443 from this machine (no connection in 3 s)',
      ],
    ],
    [
      'no cross-network gateway',
      {facts: {exposure: undefined}},
      [
        'east exposure error: Gateway istio-system/cross-network-gateway is missing: the east-west gateway accepts no cross-network traffic',
      ],
    ],
    [
      'a cross-network gateway with another TLS mode',
      {facts: {exposure: exposure({servers: [{port: {number: 15443}, tls: {mode: 'SIMPLE'}}]})}},
      [
        'east exposure error: Gateway istio-system/cross-network-gateway has no server with TLS mode AUTO_PASSTHROUGH on port 15443',
      ],
    ],
    [
      'istiod has no gateway of the other network',
      {istiods: [istiodState('east', 'west', {gateways: []})]},
      ['east networks-known error: istiod-east has no gateway for network net-west (cluster west)'],
    ],
    [
      'istiod has an outdated gateway address',
      {
        istiods: [
          istiodState('east', 'west', {
            gateways: [{network: 'net-west', cluster: 'west', address: '192.0.2.1', port: 15443}],
          }),
        ],
      },
      [
        'east networks-known error: istiod-east does not use 203.0.113.12, a gateway address of west',
        'east networks-known error: istiod-east still uses 192.0.2.1, which is no longer a gateway address of west',
      ],
    ],
  ])('%s', (_, differs, expected) =>
    expect(foundBy(verifyChecks, [observed('east', differs), observed('west')])).toEqual(expected),
  )
})

test('a network label that differs from the network of the proxies', () => {
  const west = observed('west')
  const east = observed('east')
  const {facts} = east.member
  const labelled = {
    ...east,
    member: {
      ...east.member,
      facts: {
        ...facts!,
        namespace: {
          ...facts!.namespace!,
          metadata: {name: 'istio-system', labels: {'topology.istio.io/network': 'net-a'}},
        },
      },
    },
  }
  expect(foundBy(verifyChecks, [labelled, west])).toEqual([
    'east network-label error: namespace istio-system is labelled topology.istio.io/network=net-a; expected net-east',
  ])
})

test('a NodePort gateway with a node selector needs no address', () => {
  const nodePort = gatewayService('net-east', {spec: {type: 'NodePort'}, status: balanced(undefined)})
  nodePort.metadata.annotations = {'traffic.istio.io/nodeSelector': '{}'}
  const found = foundBy(verifyChecks, [observed('east', {facts: {networkGateways: [nodePort]}}), observed('west')])
  expect(found.filter(text => text.includes('gateway-address'))).toEqual([])
})

test('a gateway of another cluster in the same network does not count for this one', () => {
  const gateway = (cluster: string, address: string) => ({network: 'net-west', cluster, address, port: 15443})
  const foundWith = (gateways: IstiodState['gateways']) =>
    foundBy(verifyChecks, [observed('east', {istiods: [istiodState('east', 'west', {gateways})]}), observed('west')])
  expect(foundWith([gateway('west', '203.0.113.12'), gateway('south', '192.0.2.1')])).toEqual([])
  expect(foundWith([gateway('south', '203.0.113.12')])).toHaveLength(1)
  // Gateways from meshNetworks of the mesh config have no cluster.
  expect(foundWith([gateway('', '203.0.113.12'), gateway('', '192.0.2.1')])).toEqual([])
})

test('the addresses of a gateway with a host name are not compared', () => {
  const named = gatewayService('net-west', {status: {loadBalancer: {ingress: [{hostname: 'gateway.example'}]}}})
  expect(foundBy(verifyChecks, [observed('east'), observed('west', {facts: {networkGateways: [named]}})])).toEqual([])
})

describe('primary-remote mode', () => {
  const found = (istiodExposed: boolean) => {
    const {all} = primaryAndRemote({east: {exposure: exposure()}, eastRemote: {istiodExposed}})
    return foundBy(
      verifyChecks.filter(({id}) => id === 'istiod-exposed' || id === 'exposure'),
      all.map(member => ({...observed('east'), member})),
    )
  }

  test('the primary exposes istiod', () =>
    expect(found(false)).toEqual([
      'east istiod-exposed error: no Gateway and VirtualService in istio-system route port 15012 to istiod, so proxies in remote clusters cannot connect to it',
    ]))

  test('a remote cluster uses the cross-network gateway of its primary', () => expect(found(true)).toEqual([]))
})
