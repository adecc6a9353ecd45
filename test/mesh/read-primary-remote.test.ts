import {describe, expect, test} from 'vitest'
import {
  foreignGateways,
  injectedNetwork,
  pilotAddressOf,
  primaryAmong,
  remoteSetUp,
  withRoles,
} from '../../src/mesh/primary-remote.ts'
import {remoteRecordData} from '../../src/mesh/record.ts'
import {gatewayService, member} from './samples.ts'
import {primaryAddress, primaryAndRemote} from './samples-remote.ts'

const record = (data: Record<string, string>) => ({apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'r'}, data})

describe('who is whose remote', () => {
  test('by the Spec: all but the primary', () => {
    const {all} = primaryAndRemote()
    expect(all.map(({primary}) => primary)).toEqual([undefined, 'east'])
    expect(primaryAmong(all)).toBe(all[0])
    expect(primaryAmong([all[0]])).toBeUndefined()
  })

  test('a remote is called what its webhook names it, and has the network that this says', () => {
    const {all} = primaryAndRemote({west: {namespace: undefined}})
    expect(all[1]).toMatchObject({cluster: 'west', network: 'net-west', controlPlane: undefined})
  })

  test('by the records, for looks; a primary that is not looked at is called by its name', () => {
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

describe('where the primary is reached', () => {
  const {all} = primaryAndRemote()
  const without = primaryAndRemote({east: {networkGateways: []}}).all[0]
  const other = primaryAndRemote({
    east: {networkGateways: [gatewayService('net-east', {status: {loadBalancer: {ingress: [{ip: '1.2.3.4'}]}}})]},
  })
  test.each([
    ['at its gateway', undefined, all[0], primaryAddress],
    ['at what was said', 'lb.example.com', all[0], 'lb.example.com'],
    ['nowhere yet', undefined, without, undefined],
    ['not at a gateway without the ports', undefined, other.all[0], undefined],
    ['nowhere without a primary', undefined, undefined, undefined],
  ])('%s', (_, said, primary, address) => expect(pilotAddressOf(said, primary)).toBe(address))

  test('a gateway of others counts for a primary even without a network', () => {
    const named = gatewayService('')
    const {all: both} = primaryAndRemote({east: {networkGateways: []}, eastRemote: {gateway: named}})
    expect(foreignGateways(both[0], both)).toEqual([named])
    expect(foreignGateways(both[1], both)).toHaveLength(1)
  })
})

test('on a single network a remote is told the network of its primary, if that has a name', () => {
  const {all} = primaryAndRemote()
  expect(injectedNetwork(all[1], all[0], false)).toBe('net-west')
  expect(injectedNetwork(all[1], all[0], true)).toBe('net-east')
})

test('how a remote is set up: another address, another network, no webhook', () => {
  const {all} = primaryAndRemote()
  const fine = {installed: true, named: true, leadsThere: true, dials: true, trusted: true}
  expect(remoteSetUp(all[1], primaryAddress, 'net-west')).toEqual(fine)
  expect(remoteSetUp(all[1], '1.2.3.4', 'net-west')).toEqual({...fine, leadsThere: false})
  expect(remoteSetUp(all[1], undefined, 'net-west')).toEqual({...fine, leadsThere: false})
  expect(remoteSetUp(all[1], primaryAddress, undefined)).toEqual({...fine, named: false})
  const none = primaryAndRemote({westRemote: {injector: undefined}}).all[1]
  expect(remoteSetUp(none, primaryAddress, 'net-west')).toMatchObject({installed: false, trusted: false})
})
