import {describe, expect, test} from 'vitest'
import {TimeoutError} from '../../src/engine/cluster/wait.ts'
import {waves} from '../../src/engine/kubernetes/waves.ts'
import type {Outcome} from '../../src/engine/plan/apply.ts'
import {refusedError} from '../../src/errors.ts'
import {afterWrites, problemsAfter, stoppedBy} from '../../src/run/apply-plan.ts'
import type {Run} from '../../src/run/run.ts'

const run = {signal: new AbortController().signal} as Run
const outcome = (result: Outcome['result']): Outcome => ({
  cluster: 'east',
  result,
  step: {
    change: {
      action: 'remove',
      cluster: 'east',
      wave: waves.credentials,
      target: {apiVersion: 'v1', kind: 'Secret', name: 's'},
    },
    ref: {apiVersion: 'v1', kind: 'Secret', name: 's'},
    verdict: 'remove',
    live: undefined,
    merged: undefined,
  },
  ...(result === 'failed' ? {error: new Error('denied')} : {}),
})
const refused = refusedError('no token', 'try again')

describe('afterWrites', () => {
  test('returns the result', async () => expect(await afterWrites([outcome('ok')], run, () => 1)).toBe(1))

  test.each<[string, unknown, string]>([
    ['a MeshError', refused, 'no token'],
    ['a timeout', new TimeoutError('east', {apiVersion: 'v1', kind: 'Pod', name: 'p'}, 1000, 'not ready'), 'not ready'],
    ['an error of the system', Object.assign(new Error('ENOSPC: full'), {syscall: 'write'}), 'ENOSPC: full'],
    ['a defect', new TypeError('x is not a function'), 'unexpected: x is not a function'],
  ])('after a write, %s has exit code 4', async (_, error, message) => {
    const failing = afterWrites([outcome('unchanged'), outcome('ok')], run, () => Promise.reject(error))
    await expect(failing).rejects.toMatchObject({exit: 4, message: expect.stringContaining(message)})
  })

  test('failed writes are reported too', async () => {
    const failing = afterWrites([outcome('ok'), outcome('failed')], run, () => Promise.reject(refused))
    await expect(failing).rejects.toMatchObject({exit: 4, message: 'east: secret/s: denied\nno token'})
  })

  test('without a write, the error stays as it is', async () => {
    for (const outcomes of [[], [outcome('unchanged')], [outcome('failed')]])
      await expect(afterWrites(outcomes, run, () => Promise.reject(refused))).rejects.toBe(refused)
  })

  test('an interrupt without a failure is the problem', () => {
    const aborted = {signal: AbortSignal.abort()}
    expect(problemsAfter([], aborted)).toEqual([{message: 'interrupted'}])
    expect(problemsAfter([{message: 'x'}], aborted)).toEqual([{message: 'x'}])
    expect(problemsAfter([], {signal: new AbortController().signal})).toEqual([])
  })

  test('after an interrupt, the exit code is 130', async () => {
    const interrupted = {signal: AbortSignal.abort()} as Run
    const failing = afterWrites([outcome('ok')], interrupted, () => Promise.reject(refused))
    await expect(failing).rejects.toMatchObject({exit: 130})
  })
})

describe('stoppedBy', () => {
  test('is the error itself if nothing was written', () =>
    expect(stoppedBy(refused, [outcome('unchanged')], 'again', run)).toBe(refused))

  test('after a write, has exit code 4 and the line that continues', () =>
    expect(stoppedBy(refused, [outcome('ok')], 'again', run)).toMatchObject({
      exit: 4,
      problems: [{message: 'no token', hints: ['try again', 'to continue: again']}],
    }))

  test('after an interrupt, has exit code 130', () => {
    const interrupted = {signal: AbortSignal.abort(new Error('SIGINT'))} as Run
    expect(stoppedBy(refused, [], 'again', interrupted)).toMatchObject({exit: 130})
  })
})
