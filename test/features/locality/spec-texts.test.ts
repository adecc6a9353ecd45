import fc from 'fast-check'
import {expect, test} from 'vitest'
import {
  hostText,
  labelSelector,
  localityPattern,
  localityText,
  matchesPattern,
  nodePattern,
  regionText,
} from '../../../src/features/locality/spec-texts.ts'

test('* matches any characters, and no other character is special', () => {
  expect(['w*', '*-1', 'w-*-1', 'w-a-1', '*'].map(pattern => matchesPattern('w-a-1', pattern))).toEqual(
    Array(5).fill(true),
  )
  expect(['w', '-1', 'w.a.1', 'W*'].map(pattern => matchesPattern('w-a-1', pattern))).toEqual(Array(4).fill(false))
  expect(matchesPattern('wxa', 'w.a')).toBe(false)
})

test('only texts of the right form are localities', () => {
  fc.assert(
    fc.property(fc.string(), text => {
      if (localityText(text) === undefined) expect(text).toMatch(/^[\w.-]+(\/[\w.-]+){0,2}$/)
      if (localityPattern(text) === undefined) expect(text).toMatch(/^(\*|[\w.-]+(\/[\w.-]+){0,2}(\/\*)?)$/)
    }),
  )
})

test.each([
  ['region', regionText, ['eu', 'eu-1'], ['eu/eu-1', '*', '']],
  ['node pattern', nodePattern, ['w-1', 'w-*', '*.example.com'], ['W-1', 'w 1', '']],
  ['label selector', labelSelector, ['a', 'a=b', 'a in (b,c)', '!a'], ['', ' a', 'a=', ',a']],
  ['host', hostText, ['web', 'web.shop.svc', 'api.example.com'], ['*.web', 'Web', '']],
])('%s', (_, check, valid, invalid) => {
  expect(valid.map(check)).toEqual(valid.map(() => undefined))
  expect(invalid.map(text => check(text) === undefined)).toEqual(invalid.map(() => false))
})
