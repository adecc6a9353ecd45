import {expect, test} from 'vitest'
import {createLimit} from '../../../src/engine/cluster/limit.ts'

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
