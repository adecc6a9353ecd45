import {expect, test} from 'vitest'
import {createLimit, mapWithLimit} from '../../../src/engine/cluster/limit.ts'

test('at most `size` tasks run at once, in order of arrival, also after a failure', async () => {
  const limit = createLimit(2)
  const started: number[] = []
  let running = 0
  let most = 0
  const task = (id: number) => async () => {
    started.push(id)
    most = Math.max(most, ++running)
    await new Promise(resolve => setTimeout(resolve, 5))
    running--
    if (id === 1) throw new Error('failed')
    return id
  }
  const results = await Promise.allSettled([0, 1, 2, 3, 4].map(id => limit(task(id))))
  expect(started).toEqual([0, 1, 2, 3, 4])
  expect(most).toBe(2)
  expect(results.map(({status}) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled'])
})

test('results have the order of the items, and a task starts only when another one has ended', async () => {
  let running = 0
  let most = 0
  const results = await mapWithLimit(
    [30, 5, 20, 1],
    async ms => {
      most = Math.max(most, ++running)
      await new Promise(resolve => setTimeout(resolve, ms))
      running--
      return ms
    },
    2,
  )
  expect(results).toEqual([30, 5, 20, 1])
  expect(most).toBe(2)
})

test('the first failure is the failure of the whole', async () => {
  const task = async (item: number) => {
    if (item === 2) throw new Error('failed')
    return item
  }
  await expect(mapWithLimit([1, 2, 3], task)).rejects.toThrow('failed')
})
