import {expect, test} from 'vitest'
import type {Cluster} from '../../../src/engine/cluster/cluster.ts'
import {waitFor} from '../../../src/engine/cluster/wait.ts'

const ref = {apiVersion: 'v1', kind: 'ConfigMap', namespace: 'a', name: 'b'}

test('after an interrupt, nothing is read: a read that hangs would delay the end', async () => {
  let reads = 0
  const hanging: Pick<Cluster, 'context' | 'get'> = {
    context: 'east',
    get: () => {
      reads++
      return new Promise(() => undefined)
    },
  }
  const signal = AbortSignal.abort(new Error('SIGINT'))
  const waiting = waitFor(hanging as Cluster, ref, () => true, {timeoutMs: 60_000, signal})
  await expect(waiting).rejects.toThrow('SIGINT')
  expect(reads).toBe(0)
})
