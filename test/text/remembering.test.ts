import {expect, test, vi} from 'vitest'
import {remembering} from '../../src/text/remembering.ts'

test('computes each result once, also undefined', () => {
  const compute = vi.fn((text: string) => (text === '' ? undefined : {length: text.length}))
  const lengthOf = remembering(compute)
  expect(lengthOf('abc')).toBe(lengthOf('abc'))
  expect([lengthOf(''), lengthOf(''), lengthOf('ab')]).toEqual([undefined, undefined, {length: 2}])
  expect(compute).toHaveBeenCalledTimes(3)
})

test('keeps only the last results', () => {
  const compute = vi.fn((text: string) => text.length)
  const lengthOf = remembering(compute, 2)
  for (const text of ['a', 'b', 'c', 'c', 'b', 'a']) expect(lengthOf(text)).toBe(1)
  expect(compute.mock.calls.flat()).toEqual(['a', 'b', 'c', 'a'])
})

test('does not remember an error', () => {
  const compute = vi.fn(() => {
    throw new Error('x')
  })
  const fail = remembering(compute)
  expect(() => fail('a')).toThrow('x')
  expect(() => fail('a')).toThrow('x')
  expect(compute).toHaveBeenCalledTimes(2)
})
