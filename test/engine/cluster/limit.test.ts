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

/** Runs a list of `count` tasks. Returns the results, and the largest number of tasks that ran at the same time. */
async function mapCounting(count: number): Promise<{results: number[]; most: number}> {
  let running = 0
  let most = 0
  const results = await mapWithLimit(
    Array.from({length: count}, (_, index) => index),
    async index => {
      most = Math.max(most, ++running)
      await new Promise(resolve => setTimeout(resolve, index % 3))
      running--
      return index
    },
  )
  return {results, most}
}

test('results have the order of the items, and a task waits until another one has ended', async () => {
  const {results, most} = await mapCounting(100)
  expect(results).toEqual(Array.from({length: 100}, (_, index) => index))
  expect(most).toBe(32)
  expect(await mapWithLimit([], async () => 1)).toEqual([])
})

test('of many lists, each has fewer tasks at the same time, but never none', async () => {
  const all = await Promise.all(Array.from({length: 100}, () => mapCounting(40)))
  expect(all.every(({results}) => results.length === 40)).toBe(true)
  // The first list starts before there are others.
  expect(all.at(-1)!.most).toBe(4)
  expect((await mapCounting(100)).most).toBe(32)
})

test('after a failure, no further task is started', async () => {
  const started: number[] = []
  const task = async (item: number) => {
    started.push(item)
    await new Promise(resolve => setTimeout(resolve, 1))
    if (item === 2) throw new Error('failed')
    return item
  }
  const items = Array.from({length: 100}, (_, index) => index)
  await expect(mapWithLimit(items, task)).rejects.toThrow('failed')
  await new Promise(resolve => setTimeout(resolve, 10))
  expect(started.length).toBeLessThan(100)
})
