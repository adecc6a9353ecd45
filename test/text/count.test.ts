import {expect, test} from 'vitest'
import {count, someOf} from '../../src/text/count.ts'

test.each([
  [0, '0 nodes'],
  [1, '1 node'],
  [2, '2 nodes'],
])('%d', (number, text) => {
  expect(count(number, 'node')).toBe(text)
})

test('names beyond the maximum are counted', () => {
  expect(someOf(['a', 'b', 'c'])).toBe('a, b, c')
  expect(someOf(['a', 'b', 'c', 'd'])).toBe('a, b, c and 1 more')
  expect(someOf(['a', 'b', 'c'], 1)).toBe('a and 2 more')
})
