import {expect, test} from 'vitest'
import {buildRotationRecord} from '../../../../src/features/federate/rotate/objects-record.ts'
import {isWritten, pairsAmong, pairsToRenew} from '../../../../src/features/federate/rotate/pairs.ts'
import type {MeshMember} from '../../../../src/mesh/members.ts'
import {eastAndWest, onlyPair, settings} from './samples-pair.ts'

const now = new Date(Date.UTC(2030, 0, 1))

test('credentials of another owner are not rotated', () => {
  const all = eastAndWest({east: {created: []}})
  expect(pairsAmong(settings, all)).toEqual({
    pairs: [],
    foreign: [{holder: 'east', target: 'west', secret: 'istio-remote-secret-west'}],
  })
})

test('federate renews tokens of another kind, and those that a run left half rotated', () => {
  expect(pairsToRenew(settings, eastAndWest(), now)).toEqual([])
  expect(pairsToRenew({...settings, credentialDuration: 1}, eastAndWest(), now)).toHaveLength(1)
  const recorded = {phase: 'started', next: {bound: false, peer: 'east', slot: '2'}} as const
  const {object} = buildRotationRecord('east', 'istio-system', {id: 'a', pairs: {west: recorded}})
  expect(pairsToRenew(settings, eastAndWest({east: {rotation: object}}), now)).toMatchObject([{recorded}])
})

test('a pair is written once the remote Secret has the new token', () => {
  const recorded = {phase: 'started', next: {bound: false, peer: 'east', slot: '2'}} as const
  const {object} = buildRotationRecord('east', 'istio-system', {id: 'a', pairs: {west: recorded}})
  const east = {rotation: object}
  expect(isWritten(onlyPair(eastAndWest({east})))).toBe(false)
  expect(isWritten(onlyPair(eastAndWest({east, secretName: 'istio-remote-token2-east'})))).toBe(true)
})

test('a run that was interrupted while it discarded a token continues with another name', () => {
  const recorded = {phase: 'started', next: {bound: false, peer: 'east', slot: '2'}} as const
  const {object} = buildRotationRecord('east', 'istio-system', {id: 'a', pairs: {west: recorded}})
  const [east, west] = eastAndWest({east: {rotation: object}}) as [MeshMember, MeshMember]
  const account = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: {name: 'istio-reader-service-account', annotations: {'kubectl-mesh.io/last-token': '2'}},
  }
  const reader = {account, allowed: true, readsSecrets: true}
  expect(onlyPair([east, west]).next.slot).toBe('2')
  expect(onlyPair([east, {...west, facts: {...west.facts!, reader}}]).next.slot).toBe('3')
})
