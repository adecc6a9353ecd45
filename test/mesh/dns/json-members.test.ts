import fc from 'fast-check'
import {expect, test} from 'vitest'
import {jsonMembers} from '../../../src/mesh/dns/json-members.ts'
import {jsonMap} from './samples.ts'

test('members have their offsets', () => {
  const text = ' { "a\\"b" : [1, {"c": "}"}] ,"d":true}'
  const {inside, members} = jsonMembers(text)
  expect(inside).toBe(2)
  expect(members.map(({key, at, valueAt, end}) => [key, text.slice(at, at + 2), text.slice(valueAt, end)])).toEqual([
    ['a"b', '"a', '[1, {"c": "}"}]'],
    ['d', '"d', 'true'],
  ])
})

test('the values are those of JSON.parse', () => {
  fc.assert(
    fc.property(jsonMap, text => {
      const parsed = Object.fromEntries(
        jsonMembers(text).members.map(({key, valueAt, end}) => [key, JSON.parse(text.slice(valueAt, end))]),
      )
      expect(parsed).toEqual(JSON.parse(text))
    }),
    {numRuns: 500},
  )
})

test('deep nesting needs no recursion', () => {
  const value = '['.repeat(200_000) + ']'.repeat(200_000)
  const text = `{"a": ${value}}`
  expect(jsonMembers(text).members[0]).toMatchObject({valueAt: 6, end: 6 + value.length})
})
