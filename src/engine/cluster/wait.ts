import {setTimeout as sleep} from 'node:timers/promises'
import {exitCodes, MeshError} from '../../errors.ts'
import {type KubernetesObject, nameOf, type ObjectRef} from '../kubernetes/object.ts'
import type {Cluster} from './cluster.ts'
import {ApiError, UnreachableError} from './errors.ts'

export interface WaitOptions {
  timeoutMs: number
  /** Told when the reason changes, and about every 2 s while it stays. */
  onProgress?: (reason: string, elapsedMs: number) => void
  signal?: AbortSignal
}

/** What was waited for did not come about in time. Exit code 3; a caller that has changed things before tells it by its own. */
export class TimeoutError extends MeshError {
  /** Why it was not ready when the time was over. */
  readonly reason: string
  /** The message without the cluster, for callers that name it as the mesh does. */
  readonly about: string

  constructor(context: string, ref: ObjectRef, timeoutMs: number, reason: string) {
    const about = `${nameOf(ref)} is not ready after ${timeoutMs / 1000} s: ${reason}`
    super(
      {
        message: `cluster "${context}": ${about}`,
        hints: ['wait longer with --timeout, or run the same command again later'],
      },
      exitCodes.refused,
    )
    this.name = 'TimeoutError'
    this.reason = reason
    this.about = about
  }
}

const firstPauseMs = 250
const longestPauseMs = 2000

/**
 * Reads an object again and again until it is ready. A server that is away for a while is waited for.
 *
 * @param ready given the object, or undefined when it is not there: true, or why it is not ready yet
 * @returns the object that was ready
 * @throws TimeoutError with the last reason; ApiError below 500 (no right to read); the signal's reason when aborted
 */
export async function waitFor(
  cluster: Cluster,
  ref: ObjectRef,
  ready: (object: KubernetesObject | undefined) => true | string,
  {timeoutMs, onProgress, signal}: WaitOptions,
): Promise<KubernetesObject | undefined> {
  const started = performance.now()
  const elapsed = () => performance.now() - started
  const over = new AbortController()
  const timer = setTimeout(() => over.abort(), timeoutMs)
  const ends = AbortSignal.any([over.signal, ...(signal ? [signal] : [])])
  const ended = new Promise<undefined>(resolve =>
    ends.addEventListener('abort', () => resolve(undefined), {once: true}),
  )
  let reason = 'no answer yet'
  try {
    for (let pause = firstPauseMs; ; pause = Math.min(pause * 1.5, longestPauseMs)) {
      // A read that hangs must not outlast the time.
      const seen = await Promise.race([look(cluster, ref, ready), ended])
      signal?.throwIfAborted()
      if (seen?.ready) return seen.object
      if (seen) {
        reason = seen.reason
        onProgress?.(reason, elapsed())
      }
      if (over.signal.aborted) throw new TimeoutError(cluster.context, ref, timeoutMs, reason)
      await Promise.race([sleep(pause, undefined, {signal: ends}).catch(() => undefined), ended])
    }
  } finally {
    clearTimeout(timer)
  }
}

type Seen = {ready: true; object: KubernetesObject | undefined} | {ready: false; reason: string}

async function look(
  cluster: Cluster,
  ref: ObjectRef,
  ready: (object: KubernetesObject | undefined) => true | string,
): Promise<Seen> {
  let object: KubernetesObject | undefined
  try {
    object = await cluster.get(ref)
  } catch (error) {
    const passing =
      error instanceof UnreachableError || (error instanceof ApiError && (error.status >= 500 || error.status === 429))
    if (!passing) throw error
    return {ready: false, reason: error.message}
  }
  const state = ready(object)
  return state === true ? {ready: true, object} : {ready: false, reason: state}
}
