import {expect, test} from 'vitest'
import {caRenewFields, validateCaRenew} from '../../../../src/features/ca/renew/spec.ts'
import {readSpec} from '../../../../src/spec/read.ts'

test('defaults: CAs that expire within 30 days', () => {
  expect(readSpec(caRenewFields, {contexts: 'east'}, validateCaRenew)).toMatchObject({
    expiresWithin: 30 * 24 * 3_600_000,
    keyType: 'ecdsa-p256',
    days: undefined,
  })
})

test.each([
  [{}, /^--contexts is required$/],
  [{contexts: 'east', expiresWithin: 'soon'}, /--expires-within soon is not a duration/],
  [{contexts: 'east', days: '0'}, /--days 0 is not a number of days/],
])('%j is refused', (raw, message) => {
  expect(() => readSpec(caRenewFields, raw, validateCaRenew)).toThrow(message)
})
