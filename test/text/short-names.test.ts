import {expect, test} from 'vitest'
import {namesInShort, rangesOf} from '../../src/text/short-names.ts'

test.each([
  [['a'], 'a'],
  [['w-9', 'w-10', 'w-11', 'w-2'], 'w-2, w-9 … w-11'],
  [['w-1', 'w-2'], 'w-1, w-2'],
  [['w-09', 'w-10', 'w-11'], 'w-09 … w-11'],
  [['a1.x', 'a2.x', 'a3.x', 'a3.y'], 'a1.x … a3.x, a3.y'],
  [
    ['w-99999999999999999999', 'w-100000000000000000000', 'w-100000000000000000001'],
    'w-99999999999999999999 … w-100000000000000000001',
  ],
])('%j as a range: %s', (names, text) => {
  expect(rangesOf(names)).toBe(text)
})

test('a long list of names is shortened', () => {
  expect(namesInShort(['a', 'c', 'e', 'g', 'i', 'k', 'm', 'o'])).toBe('a, c, e, g, i, k and 2 more')
})
