import {expect, test} from 'vitest'
import {
  buildRotationRecord,
  interruptedRotation,
  type RecordedPair,
  type RotationRecord,
  rotationIn,
  unfinishedIn,
} from '../../../../src/features/federate/rotate/objects-record.ts'

const next = {bound: false, peer: 'east', slot: '2'} as const
const pair = (phase: RecordedPair['phase']): RecordedPair => ({phase, next})
const record: RotationRecord = {id: '2030-01-01', pairs: {west: pair('started'), north: pair('done')}}

test('a record is a Secret that istiod ignores, and is read as it was written', () => {
  const {object} = buildRotationRecord('east', 'istio-system', record)
  expect(object.metadata.labels).not.toHaveProperty('istio/multiCluster')
  expect(rotationIn(object)).toEqual(record)
  expect(unfinishedIn(object)).toEqual({west: pair('started')})
})

test.each(['', 'null', '[]', '{"id":1,"pairs":{}}', '{"id":"a"}', '{'])('%j is no record', text => {
  const secret = {apiVersion: 'v1', kind: 'Secret', metadata: {name: 'r'}, data: {pairs: btoa(text)}}
  expect(rotationIn(secret)).toBeUndefined()
})

test('pairs of another shape do not count', () => {
  const text = JSON.stringify({id: 'a', pairs: {west: {phase: 'other', next}, north: null, south: {phase: 'done'}}})
  const secret = {apiVersion: 'v1', kind: 'Secret', metadata: {name: 'r'}, data: {pairs: btoa(text)}}
  expect(rotationIn(secret)).toEqual({id: 'a', pairs: {}})
})

test('a rotation is interrupted until one of its records shows that it is finished', () => {
  const done = {id: '2030-01-02', pairs: {west: pair('done')}}
  expect(interruptedRotation([done, {id: '2030-01-01', pairs: {east: pair('done')}}])).toBe('2030-01-02')
  expect(interruptedRotation([done, {id: '2030-01-02', finished: true, pairs: {}}])).toBeUndefined()
  expect(interruptedRotation([])).toBeUndefined()
})
