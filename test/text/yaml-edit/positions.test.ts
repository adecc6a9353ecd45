import {expect, test} from 'vitest'
import {isSeq, type Pair, parseDocument} from 'yaml'
import {
  blockStart,
  colonOf,
  columnOf,
  dashOf,
  endOf,
  isBlockScalar,
  lineStart,
  newlineOf,
  nextLine,
  pairEnd,
} from '../../../src/text/yaml-edit/positions.ts'

const text = 'a: &x 1 # one\nb:\n  - c # see\n  -\nd:\ne: |\n  text\n'
const pairs = (parseDocument(text, {keepSourceTokens: true}).contents as unknown as {items: Pair[]}).items
const list = pairs[1]!.value

test('a pair ends at its value, without comments', () => {
  expect(pairs.map(pair => text.slice(colonOf(pair), pairEnd(pair)))).toEqual([
    ': &x 1',
    ':\n  - c # see\n  -',
    ':',
    ': |\n  text\n',
  ])
})

test('dashes and the end of a block list', () => {
  if (!isSeq(list)) throw new Error('not a list')
  expect([dashOf(list, 0), dashOf(list, 1)].map(at => text.slice(at, at + 2))).toEqual(['- ', '-\n'])
  expect(blockStart(list)).toBe(dashOf(list, 0))
  expect(text.slice(0, endOf(list))).toMatch(/ {2}-$/)
  expect(columnOf(text, dashOf(list, 1))).toBe(2)
})

test('block scalars', () => expect(pairs.map(({value}) => isBlockScalar(value))).toEqual([false, false, false, true]))

test('lines', () => {
  expect([lineStart('a\nbc', 3), nextLine('a\nbc', 0), nextLine('a\nbc', 2), nextLine('a\nbc', 3)]).toEqual([
    2, 2, 2, 4,
  ])
  expect([newlineOf('a\r\n'), newlineOf('a\n')]).toEqual(['\r\n', '\n'])
})
