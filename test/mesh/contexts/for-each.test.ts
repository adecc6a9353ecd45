import {expect, test} from 'vitest'
import {ApiError, UnreachableError} from '../../../src/engine/cluster/errors.ts'
import {refusedError, usageError} from '../../../src/errors.ts'
import {forEachContext} from '../../../src/mesh/contexts/for-each.ts'

const failing = (errors: Readonly<Record<string, Error>>) => async (context: string) => {
  const error = errors[context]
  if (error) throw error
  return context.toUpperCase()
}

test('results are in the order of the contexts', async () => {
  expect(await forEachContext(['b', 'a'], failing({}))).toEqual(['B', 'A'])
})

test('lists the problems of all clusters, with the context and a hint', async () => {
  const work = failing({a: new ApiError(403, 'Forbidden', 'no'), b: refusedError('record is invalid', 'look')})
  await expect(forEachContext(['a', 'b', 'c'], work)).rejects.toMatchObject({
    exit: 3,
    problems: [
      {message: 'a: no', hints: ['kubectl --context a version']},
      {message: 'b: record is invalid', hints: ['look']},
    ],
  })
})

test('contexts that do not exist are a problem of the input, whatever else fails', async () => {
  const missing = (name: string) => usageError(`context "${name}" does not exist`, 'available: a')
  const work = failing({a: new UnreachableError('a', 'no answer'), b: missing('b'), c: missing('c')})
  await expect(forEachContext(['a', 'b', 'c'], work)).rejects.toMatchObject({
    exit: 2,
    message: 'context "b" does not exist\ncontext "c" does not exist',
  })
})

test('other errors are thrown as they are', async () => {
  const bug = new TypeError('x')
  await expect(forEachContext(['a'], failing({a: bug}))).rejects.toBe(bug)
})
