import {expect, test} from 'vitest'
import {checkFields} from '../../../src/features/check/spec.ts'
import {readSpec} from '../../../src/spec/read.ts'

test('by default, errors fail, and 30 days before expiry is a warning', () => {
  expect(readSpec(checkFields, {})).toMatchObject({severity: 'error', within: 30 * 24 * 3_600_000})
  expect(readSpec(checkFields, {within: '48h', severity: 'warning'})).toMatchObject({within: 48 * 3_600_000})
  expect(() => readSpec(checkFields, {severity: 'info'})).toThrow('--severity info is not one of error, warning')
})
