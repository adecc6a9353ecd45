import fc from 'fast-check'
import {expect, test} from 'vitest'
import {vmRegisterFields} from '../../../src/features/vm/spec.ts'
import {formatVmRecord, parseVmRecord} from '../../../src/features/vm/spec-record.ts'
import {readSpec} from '../../../src/spec/read.ts'
import {readRegistration, validInput} from './spec-support.ts'

test('a record gives the same Spec', () => {
  fc.assert(
    fc.property(validInput, raw => {
      const spec = readRegistration(raw)
      expect(readSpec(vmRegisterFields, parseVmRecord(formatVmRecord(spec))!)).toEqual(spec)
    }),
  )
})

test('omits defaults and sorts keys', () => {
  expect(formatVmRecord(readRegistration({weight: '2', format: 'files'}))).toBe(
    '{"name":"web","namespace":"vm","serviceAccount":"web","weight":2}',
  )
})

test.each([undefined, '', 'x', '1', 'null'])('%j is not a record', text => expect(parseVmRecord(text)).toBeUndefined())
