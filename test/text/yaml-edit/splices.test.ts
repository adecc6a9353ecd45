import {expect, test} from 'vitest'
import {isMap, isSeq, parseDocument} from 'yaml'
import {itemAdditions, itemRemovals, itemReplacements} from '../../../src/text/yaml-edit/list-splices.ts'
import {pairAdditions, pairRemovals, pairReplacements} from '../../../src/text/yaml-edit/map-splices.ts'
import {afterDeeperComments, insertAfterComments, type Splice} from '../../../src/text/yaml-edit/splices.ts'

const parse = (text: string) => parseDocument(text, {keepSourceTokens: true}).contents
const mapOf = (text: string) => {
  const node = parse(text)
  if (!isMap(node)) throw new Error('not a map')
  return node
}
const listOf = (text: string) => {
  const node = mapOf(text).items[0]!.value
  if (!isSeq(node)) throw new Error('not a list')
  return node
}
/** The text after the preferred alternative. */
const first = (text: string, [splices]: Splice[][]) =>
  splices!
    .toSorted((a, b) => b.from - a.from)
    .reduce((result, {from, to, text: added}) => result.slice(0, from) + added + result.slice(to), text)

test.each([
  ['a: 1\n', 'a: 1\nb: 2\n'],
  ['a: 1', 'a: 1\nb: 2'],
  ['{a: 1}\n', '{a: 1, b: 2}\n'],
  ['{}\n', '{b: 2}\n'],
  ['a:\n  c: 1\n  # deeper\n# not deeper\n', 'a:\n  c: 1\n  # deeper\nb: 2\n# not deeper\n'],
])('a pair is added to %j', (text, expected) =>
  expect(first(text, pairAdditions(text, mapOf(text), 'b', 2))).toBe(expected),
)

test.each([
  ['a: 1 # x\nb: 2\n', 'b: 2\n'],
  ['{a: 1, b: 2}\n', '{b: 2}\n'],
])('a pair is removed from %j', (text, expected) => {
  const map = mapOf(text)
  expect(first(text, pairRemovals(text, map, map.items[0]!))).toBe(expected)
})

test.each([
  ['a: 1\n', 5, 'a: 5\n'],
  ['a:\n', {b: 1}, 'a:\n  b: 1\n'],
  ['a:\n  b: 1\n', [1], 'a:\n  - 1\n'],
  ['a:\n  b: 1\n', 5, 'a: 5\n'],
  ['a: >\n  x\n', 5, 'a: 5\n'],
  ['{a}\n', 5, '{a: 5}\n'],
])('the value in %j is replaced by %j', (text, value, expected) =>
  expect(first(text, pairReplacements(text, mapOf(text), mapOf(text).items[0]!, value))).toBe(expected),
)

test.each([
  ['a:\n- 1\n', 'a:\n- 1\n- 9\n', 'a:\n- 9\n'],
  ['a: [1]\n', 'a: [1, 9]\n', 'a: [9]\n'],
])('an item is added to %j, and replaced', (text, added, replaced) => {
  expect(first(text, itemAdditions(text, listOf(text), 9))).toBe(added)
  expect(first(text, itemReplacements(text, listOf(text), 0, 9))).toBe(replaced)
})

test.each([
  ['a:\n- 1\n- 2\n', 'a:\n- 2\n'],
  ['a: [1, 2]\n', 'a: [2]\n'],
])('an item is removed from %j', (text, expected) =>
  expect(first(text, itemRemovals(text, listOf(text), 0))).toBe(expected),
)

test('comments before the first line stay before it', () => {
  const text = '---\n# a\n'
  expect(first(text, [[insertAfterComments(text, 'b: 1\n')]])).toBe('---\n# a\nb: 1\n')
})

test('only comments that are indented deeper are skipped', () => {
  const text = '  # a\n  # b\n# c\n'
  expect(text.slice(afterDeeperComments(text, 0, 0))).toBe('# c\n')
})
