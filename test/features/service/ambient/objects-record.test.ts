import {expect, test} from 'vitest'
import {readSharedRecord, sharedRecordText} from '../../../../src/features/service/ambient/objects-record.ts'
import {hello, sharedMeta} from './samples.ts'

test('a record survives writing and reading', () => {
  const record = {with: ['west', 'south'], former: 'false', byLabel: true} as const
  const text = sharedRecordText(record)
  expect(text).toBe('{"with":["south","west"],"former":"false","byLabel":true}')
  expect(readSharedRecord(hello(sharedMeta(JSON.parse(text))))).toEqual({...record, with: ['south', 'west']})
})

test.each([
  [{}, undefined],
  [[], undefined],
  [{with: []}, undefined],
  [{with: 'west'}, undefined],
  // Whoever can write the Service can write the annotation.
  [{with: ['west', 7, '\u001b[2J', '-x'], former: {}, byLabel: 'yes'}, {with: ['west']}],
  [{with: ['west', 'west'], former: 'a b'}, {with: ['west']}],
])('the annotation %j is read as %j', (stored, expected) => {
  expect(readSharedRecord(hello(sharedMeta(stored)))).toEqual(expected)
})

test('without an annotation, and with another text, there is no record', () => {
  expect(readSharedRecord(hello())).toBeUndefined()
  expect(readSharedRecord(hello({annotations: {'kubectl-mesh.io/shared': '{'}}))).toBeUndefined()
})
