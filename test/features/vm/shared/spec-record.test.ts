import {expect, test} from 'vitest'
import {formatSharedRecord, parseSharedRecord} from '../../../../src/features/vm/shared/spec-record.ts'

test.each([
  {ownsNetworkLabel: false, capturesDns: []},
  {ownsNetworkLabel: true, capturesDns: ['default', 'r1']},
])('%j is the same after it was written and read', record => {
  expect(parseSharedRecord(formatSharedRecord(record))).toEqual(record)
})

test('no record', () => {
  expect(parseSharedRecord(undefined)).toEqual({ownsNetworkLabel: false, capturesDns: []})
})
