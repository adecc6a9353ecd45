import {describe, expect, test} from 'vitest'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import {
  ambientGatewayProblems,
  hasAddressOf,
  ignoredBecause,
  isStatusOld,
  serviceState,
  statusAddresses,
} from '../../../src/mesh/ambient/gateways.ts'
import {buildAmbientGateway} from '../../../src/mesh/ambient/objects.ts'

const {object: ours} = buildAmbientGateway({
  ...{cluster: 'east', network: 'net-east', systemNamespace: 'istio-system'},
  ...{revision: undefined, annotations: {}},
})
const listener = {name: 'mesh', port: 15008, protocol: 'HBONE', tls: {mode: 'Terminate'}}
const withSpec = (spec: object) => ({...ours, spec: {...(ours.spec as object), ...spec}})
const withStatus = (status: object) => ({...ours, status})
const place = {context: 'east', network: 'net-east', facts: undefined}

describe('what istiods of other clusters ignore', () => {
  test.each([
    ['our gateway', ours, []],
    ['another class', withSpec({gatewayClassName: 'istio'}), ['its class is istio, not istio-east-west']],
    ['no listener', withSpec({listeners: []}), ['it has no listener with protocol HBONE']],
    [
      'another protocol',
      withSpec({listeners: [{...listener, protocol: 'TLS'}]}),
      ['it has no listener with protocol HBONE'],
    ],
    [
      'another TLS mode',
      withSpec({listeners: [{...listener, tls: {mode: 'Passthrough'}}]}),
      ['the TLS mode of its HBONE listener is not Terminate'],
    ],
    ['one listener of two', withSpec({listeners: [{...listener, tls: {}}, listener]}), []],
  ])('%s', (_, gateway, expected) => {
    expect(ignoredBecause(gateway)).toEqual(expected)
  })
})

test('addresses of the status: IP addresses and host names, unless the load balancer has none yet', () => {
  const addresses = [
    {type: 'IPAddress', value: '203.0.113.5'},
    {type: 'Hostname', value: 'lb.example.com'},
    {type: 'NamedAddress', value: 'pool'},
    {value: '203.0.113.6'},
  ]
  expect(statusAddresses(withStatus({addresses}))).toEqual(['203.0.113.5', 'lb.example.com'])
  expect(statusAddresses(ours)).toEqual([])
  const conditions = (status: string) => [{type: 'Programmed', status}]
  expect(statusAddresses(withStatus({addresses, conditions: conditions('True')}))).toHaveLength(2)
  // istiod has written the ClusterIP of the Service.
  expect(statusAddresses(withStatus({addresses, conditions: conditions('False')}))).toEqual([])
})

test('a problem contains what istiod reports', () => {
  const [pending] = ambientGatewayProblems(
    withStatus({
      conditions: [
        {type: 'Accepted', status: 'True'},
        {type: 'Programmed', status: 'False', message: 'address pending'},
      ],
    }),
    place,
  )
  expect(pending?.message).toMatch(/has no address, .*: address pending$/)
  expect(ambientGatewayProblems(ours, place)[0]?.message).toMatch(/: no istiod has accepted it$/)
  expect(ambientGatewayProblems(withSpec({gatewayClassName: 'istio'}), place)).toEqual([
    {
      message:
        'istiods of the other clusters ignore Gateway istio-system/istio-eastwestgateway-ambient: its class is istio, not istio-east-west',
      hints: [
        'kubectl --context east -n istio-system edit gateways.gateway.networking.k8s.io istio-eastwestgateway-ambient',
      ],
    },
  ])
  expect(ambientGatewayProblems(withStatus({addresses: [{type: 'IPAddress', value: '203.0.113.5'}]}), place)).toEqual(
    [],
  )
})

test.each([
  [undefined, false],
  [1, true],
  [2, false],
])('the status of generation %s is old: %s', (observedGeneration, old) => {
  const conditions = [{type: 'Programmed', status: 'True', ...(observedGeneration ? {observedGeneration} : {})}]
  const gateway = withStatus({conditions})
  expect(isStatusOld({...gateway, metadata: {...gateway.metadata, generation: 2}})).toBe(old)
})

/** The Service that istiod creates for a gateway. */
function serviceOf(type: string, addresses: string[] = [], annotations = {}): KubernetesObject {
  const metadata = {name: ours.metadata.name, namespace: ours.metadata.namespace, annotations}
  const ingress = addresses.map(ip => ({ip}))
  return {apiVersion: 'v1', kind: 'Service', metadata, spec: {type}, status: {loadBalancer: {ingress}}}
}

test.each([
  ['no Service', undefined, 'istiod has not created its Service yet'],
  ['one of a waypoint', serviceOf('ClusterIP'), 'istiod has not changed its Service from type ClusterIP yet'],
  ['no address', serviceOf('LoadBalancer'), 'the load balancer has not assigned an address yet'],
  ['an address', serviceOf('LoadBalancer', ['203.0.113.5']), true],
  ['node ports', serviceOf('NodePort'), true],
  ['a type by annotation', serviceOf('ClusterIP', [], {'networking.istio.io/service-type': 'ClusterIP'}), true],
])('the Service of a changed gateway: %s', (_, service, state) => {
  expect(serviceState(service)).toBe(state)
})

test('a gateway has the address of its Service, not one from before', () => {
  const gateway = withStatus({addresses: [{type: 'IPAddress', value: '203.0.113.5'}]})
  expect(hasAddressOf(gateway, serviceOf('LoadBalancer', ['203.0.113.5']))).toBe(true)
  expect(hasAddressOf(gateway, serviceOf('LoadBalancer', ['203.0.113.6']))).toBe(false)
  expect(hasAddressOf(gateway, serviceOf('NodePort'))).toBe(true)
})
