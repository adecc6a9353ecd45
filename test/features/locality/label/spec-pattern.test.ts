import {expect, test} from 'vitest'
import {patternField} from '../../../../src/features/locality/label/spec-pattern.ts'
import type {Raw} from '../../../../src/spec/field.ts'

const parse = (raw: Exclude<Raw, undefined | null>) => patternField.parse(raw)

test('a repeated flag, a list with commas and a map are the same', () => {
  const expected = [
    {pattern: 'a-*', locality: 'eu/eu-1'},
    {pattern: 'b-*', locality: 'us'},
  ]
  expect(parse(['a-*=eu/eu-1', 'b-*=us'])).toEqual(expected)
  expect(parse('a-*=eu/eu-1,b-*=us')).toEqual(expected)
  expect(parse({'a-*': 'eu/eu-1', 'b-*': 'us'})).toEqual(expected)
  expect(parse(patternField.format!(expected) as string)).toEqual(expected)
})

test.each([
  ['w*', 'is not NODE*=REGION'],
  ['=r', 'is not NODE*=REGION'],
  ['w*=a/b/c/d', 'is not REGION[/ZONE[/SUBZONE]]'],
  ['w*=', 'is not REGION'],
  ['W*=r', 'W* is not a node name'],
])('%s: %s', (text, problem) => {
  expect(() => parse([text])).toThrow(problem)
})
