import {describe, expect, test} from 'vitest'
import {federationFields} from '../../src/features/federate/spec.ts'
import type {FederationFacts} from '../../src/mesh/facts.ts'
import {controlPlaneOf, resolveMember} from '../../src/mesh/members.ts'
import {remoteRecordData} from '../../src/mesh/record.ts'
import {readSpec} from '../../src/spec/read.ts'
import {controlPlane, facts, member} from './samples.ts'
import {injector} from './samples-remote.ts'

const bare: Partial<FederationFacts> = {namespace: undefined, controlPlanes: []}
const withClusterId = (cluster: string | undefined) => ({
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

describe('resolveMember', () => {
  test.each<[string, object, Partial<FederationFacts>, object]>([
    [
      'the context, if nothing else is set',
      {},
      bare,
      {cluster: 'east', network: 'east', server: 'https://east.example:6443'},
    ],
    ['the cluster ID of istiod', {}, withClusterId('prod'), {cluster: 'prod', network: 'prod'}],
    ["not istiod's default cluster ID", {}, withClusterId('Kubernetes'), {cluster: 'east'}],
    ['the name in the Spec', {clusterName: ['east=mine']}, withClusterId('prod'), {cluster: 'mine', network: 'mine'}],
    ['the network of its label', {}, {...withClusterId('prod'), ...labelled('net')}, {network: 'net'}],
    ['an empty label has no effect', {}, {...withClusterId('prod'), ...labelled('')}, {network: 'prod'}],
    ['the network in the Spec', {network: ['east=mine']}, labelled('net'), {network: 'mine'}],
    [
      "the control plane's network, without a label",
      {},
      {...bare, controlPlanes: [controlPlane('east')]},
      {network: 'net-east'},
    ],
    ['no network on a single network', {singleNetwork: true}, bare, {network: ''}],
    ['the single network with its name', {singleNetwork: true, network: ['east=flat']}, bare, {network: 'flat'}],
    ['the server in the Spec', {server: ['east=https://10.0.0.1']}, bare, {server: 'https://10.0.0.1'}],
  ])('%s', (_, raw, more, expected) => expect(member('east', more, raw)).toMatchObject(expected))

  test.each([
    ['constructor', 'constructor'],
    ['toString', 'tostring'],
    ['__proto__', 'proto'],
    ['y', 'y'],
    ['prod/eu-1', 'prod-eu-1'],
    ['arn:aws:eks:eu-1:1:cluster/p', 'p'],
  ])('the context %s gives the cluster name %s', (context, cluster) =>
    expect(resolveMember(readSpec(federationFields, {}), context, undefined)).toEqual({
      context,
      cluster,
      network: cluster,
      server: undefined,
      facts: undefined,
      controlPlane: undefined,
    }),
  )
})

test('controlPlaneOf returns the control plane of the revision, without one that of `default`', () => {
  const controlPlanes = [controlPlane('east', {revision: '1-30'}), controlPlane('east')]
  const found = (revision: string | undefined) => controlPlaneOf(facts('east', {controlPlanes}), revision)
  expect([found(undefined), found('default'), found('1-30'), found('other')]).toEqual([
    controlPlanes[1],
    controlPlanes[1],
    controlPlanes[0],
    undefined,
  ])
})

describe('the precedence of names', () => {
  const record = (data: Record<string, string>) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {name: 'r'},
    data: {cluster: 'recorded', ...data},
  })
  const remoteData = remoteRecordData({
    primary: 'east',
    ownsAnnotation: false,
    pilotAddress: undefined,
    singleNetwork: false,
  })
  const primaryRemote = {
    injector: injector('injected', 'net-injected'),
    istiodAddresses: [],
    istiodExposed: false,
    gateway: undefined,
    readerLeads: false,
  }
  const asRemote = {contexts: 'east,west', mode: 'primary-remote'}

  test.each<[string, object, Partial<FederationFacts>, object]>([
    ['the record comes after the cluster ID', {}, {...withClusterId('prod'), record: record({})}, {cluster: 'prod'}],
    ['the record comes before the context', {}, {...bare, record: record({})}, {cluster: 'recorded'}],
    [
      'in gateways mode the record comes before the cluster ID',
      {mode: 'gateways'},
      {...withClusterId('prod'), record: record({mode: 'gateways'})},
      {cluster: 'recorded'},
    ],
    [
      "a remote's webhook comes before the record",
      asRemote,
      {...bare, record: record(remoteData), primaryRemote},
      {cluster: 'injected', network: 'net-injected', primary: 'east'},
    ],
    [
      "on a single network, a remote's webhook does not set the network",
      {...asRemote, singleNetwork: true},
      {...bare, primaryRemote},
      {cluster: 'injected', network: ''},
    ],
  ])('%s', (_, raw, more, expected) => expect(member('west', more, raw)).toMatchObject(expected))
})
