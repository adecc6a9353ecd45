import fc from 'fast-check'
import {expect, test} from 'vitest'
import {goDuration, parseDurationField} from '../../src/spec/durations.ts'
import {FieldProblem} from '../../src/spec/field.ts'

const parse = parseDurationField({atLeast: '10m', atMost: '1193046h'})

test('a parsed duration is formatted as the same duration', () => {
  fc.assert(
    fc.property(fc.integer({min: 600_000, max: 1_193_046 * 3_600_000}), milliseconds => {
      expect(parse(goDuration(milliseconds))).toBe(milliseconds)
    }),
    {examples: [[600_000], [600_001], [1_193_046 * 3_600_000], [720 * 3_600_000]]},
  )
})

test.each([
  ['10m', 600_000],
  ['720h', 2_592_000_000],
])('%s', (text, milliseconds) => expect(parse(text)).toBe(milliseconds))

test.each([
  ['9m59s', '9m59s is shorter than 10m'],
  ['0', '0 is shorter than 10m'],
  ['1193046h1ms', '1193046h1ms is longer than 1193046h'],
  ['90', '90 is not a duration'],
  ['30d', '30d is not a duration'],
])('refuses %s', (text, message) => {
  expect(() => parse(text)).toThrow(FieldProblem)
  expect(() => parse(text)).toThrow(message)
})
