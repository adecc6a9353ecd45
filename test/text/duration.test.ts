import fc from 'fast-check'
import {expect, test} from 'vitest'
import {expiryText, formatDuration, parseDuration} from '../../src/text/duration.ts'

test.each([
  ['0', 0],
  ['0s', 0],
  ['300ms', 300],
  ['90s', 90_000],
  ['1h30m', 5_400_000],
  ['1.5h', 5_400_000],
  ['1m1m', 120_000],
  ['1m2ms', 60_002],
  ['', undefined],
  ['5', undefined],
  ['-5s', undefined],
  ['5 s', undefined],
  ['s', undefined],
  ['1d', undefined],
  ['1e3s', undefined],
  ['5sx', undefined],
  ['5s\n', undefined],
  ['٣s', undefined],
  [`${'9'.repeat(30)}h`, undefined],
  [`${'9'.repeat(400)}h`, undefined],
])('parse %j: %s', (text, expected) => expect(parseDuration(text)).toBe(expected))

test.each([
  [0, '0ms'],
  [999, '999ms'],
  [12_000, '12s'],
  [59_600, '1m'],
  [60_000, '1m'],
  [90_000, '1m30s'],
  [300_000, '5m'],
  [3_599_600, '1h'],
  [5_400_000, '1h30m'],
  [47 * 3_600_000, '47h'],
  [48 * 3_600_000, '2d'],
  [364.5 * 86_400_000, '364d'],
])('format %d: %s', (milliseconds, expected) => expect(formatDuration(milliseconds)).toBe(expected))

test.each([
  [1000, 'expires in 1s'],
  [0, 'expired 0ms ago'],
  [-172_800_000, 'expired 2d ago'],
])('%d ms left: %s', (left, expected) => expect(expiryText(left)).toBe(expected))

test('a formatted duration below two days parses to the same value, rounded to seconds or minutes', () => {
  fc.assert(
    fc.property(fc.integer({min: 0, max: 48 * 3_600_000 - 30_000}), milliseconds => {
      const parsed = parseDuration(formatDuration(milliseconds))
      expect(Math.abs(parsed! - milliseconds)).toBeLessThan(milliseconds < 3_599_000 ? 1000 : 60_000)
    }),
  )
})
