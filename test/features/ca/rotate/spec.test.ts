import {expect, test} from 'vitest'
import {caRotateFields, validateCaRotate} from '../../../../src/features/ca/rotate/spec.ts'
import {readSpec} from '../../../../src/spec/read.ts'

test('defaults: the next stage', () => {
  expect(readSpec(caRotateFields, {contexts: 'east,west'}, validateCaRotate)).toMatchObject({
    ...{stage: 'next', revert: false, vmsRenewed: false, keyType: 'ecdsa-p256', days: undefined},
  })
})

test.each([
  [{}, /^--contexts is required$/],
  [{contexts: 'east', stage: 'all'}, /--stage all/],
  [{contexts: 'east', stage: 'trust', revert: true}, /--revert/],
  [{contexts: 'east', commonName: '#x'}, /begins with #/],
])('%j is refused', (raw, message) => {
  expect(() => readSpec(caRotateFields, raw, validateCaRotate)).toThrow(message)
})
