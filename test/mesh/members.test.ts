import {describe, expect, test} from 'vitest'
import {partOfLabel} from '../../src/engine/kubernetes/applyset.ts'
import {federationFields} from '../../src/features/federate/spec.ts'
import type {FederationFacts} from '../../src/mesh/facts.ts'
import {addressesOf, gatewaysInto} from '../../src/mesh/gateway-services.ts'
import {controlPlaneOf, credentialsIn, isBundle, remoteClusterOf, resolveMember} from '../../src/mesh/members.ts'
import {foreignGateways} from '../../src/mesh/primary-remote.ts'
import {readSpec} from '../../src/spec/read.ts'
import {controlPlane, facts, gatewayService, member, remoteSecret} from './samples.ts'

const bare: Partial<FederationFacts> = {namespace: undefined, controlPlanes: []}
const called = (cluster: string | undefined) => ({
  ...bare,
  controlPlanes: [controlPlane('x', {cluster, network: undefined})],
})
const labelled = (network: string) => ({
  namespace: {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {name: 'n', labels: {'topology.istio.io/network': network}},
  },
})

describe('resolveJoining', () => {
  test.each<[string, object, Partial<FederationFacts>, object]>([
    [
      'the context, where nothing says more',
      {},
      bare,
      {cluster: 'east', network: 'east', server: 'https://east.example:6443'},
    ],
    ['what istiod calls it', {}, called('prod'), {cluster: 'prod', network: 'prod'}],
    ["not istiod's default", {}, called('Kubernetes'), {cluster: 'east'}],
    ['what the Spec calls it', {clusterName: ['east=mine']}, called('prod'), {cluster: 'mine', network: 'mine'}],
    ['the network of its label', {}, {...called('prod'), ...labelled('net')}, {network: 'net'}],
    ['an empty label says nothing', {}, {...called('prod'), ...labelled('')}, {network: 'prod'}],
    ['the network of the Spec', {network: ['east=mine']}, labelled('net'), {network: 'mine'}],
    [
      "the proxies' network, without a label",
      {},
      {...bare, controlPlanes: [controlPlane('east')]},
      {network: 'net-east'},
    ],
    ['no network', {singleNetwork: true}, bare, {network: ''}],
    ['the one network by its name', {singleNetwork: true, network: ['east=flat']}, bare, {network: 'flat'}],
    ['the address of the Spec', {server: ['east=https://10.0.0.1']}, bare, {server: 'https://10.0.0.1'}],
  ])('%s', (_, raw, more, expected) => expect(member('east', more, raw)).toMatchObject(expected))

  test.each(['constructor', 'toString', '__proto__', 'y', 'prod/eu-1', 'arn:aws:eks:eu-1:1:cluster/p'])(
    'the context %s is called what it is called',
    context =>
      expect(resolveMember(readSpec(federationFields, {}), context, undefined)).toEqual({
        context,
        cluster: context,
        network: context,
        server: undefined,
        facts: undefined,
        controlPlane: undefined,
      }),
  )
})

test('the control plane of the revision, or the one that has none', () => {
  const planes = [controlPlane('east', {revision: '1-30'}), controlPlane('east')]
  const found = (revision: string | undefined) => controlPlaneOf(facts('east', {controlPlanes: planes}), revision)
  expect([found(undefined), found('default'), found('1-30'), found('other')]).toEqual([
    planes[1],
    planes[1],
    planes[0],
    undefined,
  ])
})

describe('gateways', () => {
  const into = (...services: ReturnType<typeof gatewayService>[]) =>
    gatewaysInto(member('east', {networkGateways: services})).length

  test.each([
    ['into the network', gatewayService('net-east'), 1],
    ['into another', gatewayService('net-west'), 0],
    ['without the port', gatewayService('net-east', {spec: {ports: [{port: 15021}]}}), 0],
    ['without ports', gatewayService('net-east', {spec: {ports: undefined}}), 0],
    [
      'with its port named by a label',
      gatewayService('net-east', {labels: {'networking.istio.io/gatewayPort': '8443'}, spec: {ports: [{port: 8443}]}}),
      1,
    ],
    [
      'with another port named by a label',
      gatewayService('net-east', {labels: {'networking.istio.io/gatewayPort': '8443'}}),
      0,
    ],
  ])('%s: %s', (_, service, count) => expect(into(service)).toBe(count))

  test('ours is no gateway of others', () => {
    const [ours, theirs] = [
      gatewayService('net-east', {labels: {[partOfLabel]: 'applyset-x-v1'}}),
      gatewayService('net-east'),
    ]
    expect(foreignGateways(member('east', {networkGateways: [ours, theirs]}), [])).toEqual([theirs])
  })

  test.each([
    ['none', {}, []],
    ['an IP', {status: {loadBalancer: {ingress: [{ip: '203.0.113.1'}]}}}, ['203.0.113.1']],
    ['a host name', {status: {loadBalancer: {ingress: [{hostname: 'lb.example'}]}}}, ['lb.example']],
    [
      'both of one are one',
      {status: {loadBalancer: {ingress: [{ip: '203.0.113.1', hostname: 'lb.example'}]}}},
      ['203.0.113.1'],
    ],
    [
      'several, and external ones',
      {
        spec: {externalIPs: ['192.0.2.1']},
        status: {loadBalancer: {ingress: [{ip: '203.0.113.1'}, {}, {hostname: 'b'}]}},
      },
      ['203.0.113.1', 'b', '192.0.2.1'],
    ],
    ['an empty load balancer', {status: {loadBalancer: {}}}, []],
  ])('addresses: %s', (_, more, addresses) => expect(addressesOf(gatewayService('n', more))).toEqual(addresses))
})

describe('credentials that are held', () => {
  test('each key of each Secret is one', () => {
    const secrets = [
      remoteSecret('a', {west: 'one', south: 'two'}),
      remoteSecret('b', {constructor: 'three'}, {[partOfLabel]: 'x'}),
      {...remoteSecret('c', {}), data: undefined},
    ]
    expect(
      credentialsIn(facts('east', {remoteSecrets: secrets})).map(({target, kubeconfig, ours}) => [
        target,
        kubeconfig,
        ours,
      ]),
    ).toEqual([
      ['west', 'one', false],
      ['south', 'two', false],
      ['constructor', 'three', true],
    ])
  })

  test('the cluster of a remote Secret: its annotation, else its only key', () => {
    const annotated = remoteSecret('a', {x: '', y: ''})
    annotated.metadata.annotations = {'networking.istio.io/cluster': 'west'}
    expect(
      [annotated, remoteSecret('b', {south: ''}), remoteSecret('c', {x: '', y: ''}), remoteSecret('d', {})].map(
        remoteClusterOf,
      ),
    ).toEqual(['west', 'south', undefined, undefined])
  })

  test('isBundle', () => {
    expect(isBundle(remoteSecret('istio-remote-secrets', {}))).toBe(true)
    expect(isBundle(remoteSecret('istio-remote-secret-west', {}))).toBe(false)
  })
})
