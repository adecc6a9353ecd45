import {expect, test} from 'vitest'
import {type Problem, usageError} from '../../src/errors.ts'
import {attempt} from '../../src/pki/attempt.ts'

test('returns the result, or collects the problems of a MeshError', () => {
  const problems: Problem[] = []
  expect(attempt(() => 1, problems)).toBe(1)
  const failed = attempt(() => {
    throw usageError('wrong', 'hint')
  }, problems)
  expect(failed).toBeUndefined()
  expect(problems).toEqual([{message: 'wrong', hints: ['hint']}])
})

test('other errors are thrown', () => {
  const fail = () => {
    throw new TypeError('bug')
  }
  expect(() => attempt(fail, [])).toThrow('bug')
})
