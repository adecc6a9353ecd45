import {describe, expect, test} from 'vitest'
import {partOfLabel} from '../../src/engine/kubernetes/applyset.ts'
import type {KubernetesObject} from '../../src/engine/kubernetes/object.ts'
import {
  foreignGateways,
  injectedNetwork,
  neededGateways,
  pilotAddressOf,
  primaryAmong,
  remoteSetUp,
  withRoles,
} from '../../src/mesh/primary-remote.ts'
import {remoteRecordData} from '../../src/mesh/record.ts'
import {gatewayService, member} from './samples.ts'
import {primaryAddress, primaryAndRemote} from './samples-remote.ts'

const record = (data: Record<string, string>) => ({apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'r'}, data})

describe('roles', () => {
  test('of the Spec: all clusters except the primary are remotes', () => {
    const {all} = primaryAndRemote()
    expect(all.map(({primary}) => primary)).toEqual([undefined, 'east'])
    expect(primaryAmong(all)).toBe(all[0])
    expect(primaryAmong([all[0]])).toBeUndefined()
  })

  test('a remote has the cluster and network names of its webhook', () => {
    const {all} = primaryAndRemote({west: {namespace: undefined}})
    expect(all[1]).toMatchObject({cluster: 'west', network: 'net-west', controlPlane: undefined})
  })

  test('of the records; a primary that is not a member is identified by its name', () => {
    const remote = member('west', {
      record: record({
        ...remoteRecordData({primary: 'e', ownsAnnotation: true, pilotAddress: undefined, singleNetwork: false}),
        cluster: 'w',
      }),
      controlPlanes: [],
    })
    const named = member('east', {record: record({mode: 'primary-remote', cluster: 'e'}), controlPlanes: []})
    expect(remote.cluster).toBe('w')
    expect(withRoles([named, remote]).map(({primary}) => primary)).toEqual([undefined, 'east'])
    expect(withRoles([remote]).map(({primary}) => primary)).toEqual(['e'])
  })
})

describe('pilotAddressOf', () => {
  const {all} = primaryAndRemote()
  const without = primaryAndRemote({east: {networkGateways: []}}).all[0]
  const other = primaryAndRemote({
    east: {networkGateways: [gatewayService('net-east', {status: {loadBalancer: {ingress: [{ip: '1.2.3.4'}]}}})]},
  })
  test.each([
    ['the gateway', undefined, all[0], primaryAddress],
    ['the requested address', 'lb.example.com', all[0], 'lb.example.com'],
    ['no gateway yet', undefined, without, undefined],
    ['a gateway without the ports', undefined, other.all[0], undefined],
    ['no primary', undefined, undefined, undefined],
  ])('%s', (_, requested, primary, address) => expect(pilotAddressOf(requested, primary)).toBe(address))

  test('a Service in another namespace determines no address', () => {
    const service = gatewayService('net-east', {
      spec: {ports: [{port: 15443}, {port: 15012}, {port: 15017}]},
      status: {loadBalancer: {ingress: [{ip: '6.6.6.6'}]}},
    })
    const forged = {...service, metadata: {...service.metadata, namespace: 'team-a'}}
    const both = primaryAndRemote({east: {networkGateways: [forged]}}).all
    expect(pilotAddressOf(undefined, both[0])).toBeUndefined()
    expect(foreignGateways(both[0], both)).toEqual([])
    const peer = member('west', {
      networkGateways: [
        gatewayService('net-west'),
        {...forged, metadata: {...forged.metadata, labels: {'topology.istio.io/network': 'net-west'}}},
      ],
    })
    expect(neededGateways(peer, [peer])).toEqual([gatewayService('net-west')])
  })

  test('foreignGateways of a primary include a gateway without a network', () => {
    const named = gatewayService('')
    const {all: both} = primaryAndRemote({east: {networkGateways: []}, eastRemote: {gateway: named}})
    expect(foreignGateways(both[0], both)).toEqual([named])
    expect(foreignGateways(both[1], both)).toHaveLength(1)
  })
})

test('injectedNetwork on a single network is that of the primary', () => {
  const {all} = primaryAndRemote()
  expect(injectedNetwork(all[1], all[0], false)).toBe('net-west')
  expect(injectedNetwork(all[1], all[0], true)).toBe('net-east')
})

test('remoteSetUp with another address, another network, and no webhook', () => {
  const {all} = primaryAndRemote()
  const fine = {installed: true, named: true, leadsThere: true, dials: true, trusted: true}
  expect(remoteSetUp(all[1], primaryAddress, 'net-west')).toEqual(fine)
  expect(remoteSetUp(all[1], '1.2.3.4', 'net-west')).toEqual({...fine, leadsThere: false})
  expect(remoteSetUp(all[1], undefined, 'net-west')).toEqual({...fine, leadsThere: false})
  expect(remoteSetUp(all[1], primaryAddress, undefined)).toEqual({...fine, named: false})
  const none = primaryAndRemote({westRemote: {injector: undefined}}).all[1]
  expect(remoteSetUp(none, primaryAddress, 'net-west')).toMatchObject({installed: false, trusted: false})
})

test('foreignGateways omit ours, also without the label, and those of another federation', () => {
  const withUid = (service: KubernetesObject, uid: string) => ({...service, metadata: {...service.metadata, uid}})
  const ours = withUid(gatewayService('net-east'), '1')
  const foreign = withUid(gatewayService('net-east'), '2')
  const other = withUid(gatewayService('net-east', {labels: {[partOfLabel]: 'applyset-x-v1'}}), '3')
  const facts = {networkGateways: [ours, foreign, other], created: [ours]}
  expect(foreignGateways(member('east', facts), [])).toEqual([foreign])
})
