import {expect, test} from 'vitest'
import {shortFingerprint} from '../../src/pki/fingerprint.ts'

test.each([
  ['7C:1E:00:11:A0', '7c:1e:…:a0'],
  ['7C:1E:00:A0', '7C:1E:00:A0'],
  ['unreadable', 'unreadable'],
])('%s', (fingerprint, expected) => {
  expect(shortFingerprint(fingerprint)).toBe(expected)
})
