import {expect, test} from 'vitest'
import {rotatedObjects} from '../../../../src/features/federate/rotate/objects-kept.ts'
import {buildRotationRecord} from '../../../../src/features/federate/rotate/objects-record.ts'
import {eastAndWest, tokenSecret} from './samples-pair.ts'

test('the tokens of a rotation that is not finished stay, and so does its record', () => {
  const {object} = buildRotationRecord('east', 'istio-system', {
    id: 'a',
    pairs: {west: {phase: 'started', next: {bound: false, peer: 'east', slot: '2'}, old: {name: 'old', uid: 'u'}}},
  })
  const [east, west] = eastAndWest({east: {rotation: object}})
  const isKept = rotatedObjects(west!, [east!, west!])
  expect(isKept(tokenSecret('istio-remote-token2-east', 't'))).toBe(true)
  expect(isKept(tokenSecret('old', 't'))).toBe(true)
  expect(isKept(tokenSecret('istio-remote-token-north', 't'))).toBe(false)
  const atEast = rotatedObjects(east!, [east!, west!])
  expect(atEast(object)).toBe(true)
  expect(atEast(tokenSecret('old', 't'))).toBe(false)
})
