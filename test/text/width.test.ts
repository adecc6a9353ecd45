import {expect, test} from 'vitest'
import {padTo, widthOf, wrapHard, wrapWords} from '../../src/text/width.ts'

test.each([
  ['', 0],
  ['east', 4],
  ['東京', 4],
  ['e\u0301t\u00e9', 3],
  ['서울-1', 6],
  ['🚀', 2],
])('%j occupies %d columns', (text, width) => expect(widthOf(text)).toBe(width))

test('pads to columns, not characters', () => {
  expect(padTo('東京', 6)).toBe('東京  ')
  expect(padTo('longer', 3)).toBe('longer')
})

test.each([
  ['a b c', 3, ['a b', 'c']],
  ['one', 1, ['one']],
  ['a longword b', 4, ['a', 'longword', 'b']],
  ['東京 大阪', 8, ['東京', '大阪']],
])('wraps %j at %d columns', (text, columns, lines) => expect(wrapWords(text, columns)).toEqual(lines))

test.each([
  ['', 5, ['']],
  [' a b c ', 3, ['a b', 'c']],
  ['a  b', 9, ['a  b']],
  ['ab cdefgh', 5, ['ab cd', 'efgh']],
  ['abcd efghij', 5, ['abcd', 'efghi', 'j']],
  ['東京大阪 x', 4, ['東京', '大阪', 'x']],
])('wraps %j at %d columns, and breaks long words', (text, columns, lines) =>
  expect(wrapHard(text, columns)).toEqual(lines),
)
