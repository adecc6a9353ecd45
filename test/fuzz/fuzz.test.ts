import {describe, expect, test} from 'vitest'
import {runTarget} from './run-target.ts'
import {loadTarget, targets} from './targets.ts'

/** A small share of `npm run fuzz`, which tries more than 100,000 inputs. The seed is fixed: a test gives one result. */
const inputs = 3000
const weights = targets.reduce((sum, {weight}) => sum + weight, 0)

describe('inputs from users, files and clusters', () => {
  // A test must not change the working directory and the streams of other tests.
  test.each(targets.filter(({name}) => name !== 'commands'))('$name', async ({name, weight}) => {
    const count = Math.ceil((inputs * weight) / weights)
    expect(await runTarget(await loadTarget(name), {seed: 1, count})).toBeUndefined()
  })

  test('a fault is found, shrunk and repeated', async () => {
    const {input} = await loadTarget('corefile')
    const check = (tried: unknown) => {
      if (JSON.stringify(tried).includes('reload')) throw new Error('found')
    }
    const target = {input, check}
    const failure = await runTarget(target, {seed: 1, count: 1000})
    expect(failure).toMatchObject({
      input: expect.stringContaining('["reload",'),
      error: expect.stringContaining('found'),
    })
    const {seed, path} = failure!.replay
    expect(await runTarget(target, {seed, count: 1000, path})).toMatchObject({input: failure!.input})
  })
})
