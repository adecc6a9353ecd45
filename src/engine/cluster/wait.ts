import {setTimeout as sleep} from 'node:timers/promises'
import {exitCodes, MeshError} from '../../errors.ts'
import {type KubernetesObject, nameOf, type ObjectRef} from '../kubernetes/object.ts'
import type {Cluster} from './cluster.ts'
import {ApiError, UnreachableError} from './errors.ts'

export interface WaitOptions {
  timeoutMs: number
  /** Called with the reason after each read that finds the object not ready: about every 2 s. */
  onProgress?: (reason: string, elapsedMs: number) => void
  signal?: AbortSignal
}

/**
 * An object did not become ready in time. Exit code 3; callers that have already written replace it by their own error.
 */
export class TimeoutError extends MeshError {
  /** Why the object was not ready at the last read. */
  readonly reason: string
  /** The message without the cluster, for callers that use the cluster's name in the mesh. */
  readonly about: string

  constructor(context: string, ref: ObjectRef, timeoutMs: number, reason: string) {
    const about = `${nameOf(ref)} is not ready after ${timeoutMs / 1000} s: ${reason}`
    super(
      {
        message: `cluster "${context}": ${about}`,
        hints: ['increase --timeout, or run the same command again later'],
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
 * Polls an object until it is ready, and returns it. Continues while the server is unreachable or overloaded.
 *
 * @param ready receives the object (undefined if it does not exist) and returns true, or why it is not ready
 * @throws TimeoutError (exit 3) with the last reason; ApiError below 500, except 429; the signal's reason if aborted
 */
export async function waitFor(
  cluster: Cluster,
  ref: ObjectRef,
  ready: (object: KubernetesObject | undefined) => true | string,
  {timeoutMs, onProgress, signal}: WaitOptions,
): Promise<KubernetesObject | undefined> {
  // The event of an aborted signal has passed: a read that hangs would not end.
  signal?.throwIfAborted()
  const started = performance.now()
  const elapsed = () => performance.now() - started
  const expired = new AbortController()
  const timer = setTimeout(() => expired.abort(), timeoutMs)
  const end = AbortSignal.any([expired.signal, ...(signal ? [signal] : [])])
  const ended = new Promise<undefined>(resolve => end.addEventListener('abort', () => resolve(undefined), {once: true}))
  let reason = 'no response yet'
  try {
    for (let pause = firstPauseMs; ; pause = Math.min(pause * 1.5, longestPauseMs)) {
      // A read that hangs must not delay the timeout.
      const observed = await Promise.race([observe(cluster, ref, ready), ended])
      signal?.throwIfAborted()
      if (observed?.ready) return observed.object
      if (observed) {
        reason = observed.reason
        onProgress?.(reason, elapsed())
      }
      if (expired.signal.aborted) throw new TimeoutError(cluster.context, ref, timeoutMs, reason)
      await Promise.race([sleep(pause, undefined, {signal: end}).catch(() => undefined), ended])
    }
  } finally {
    clearTimeout(timer)
  }
}

type Observation = {ready: true; object: KubernetesObject | undefined} | {ready: false; reason: string}

async function observe(
  cluster: Cluster,
  ref: ObjectRef,
  ready: (object: KubernetesObject | undefined) => true | string,
): Promise<Observation> {
  let object: KubernetesObject | undefined
  try {
    object = await cluster.get(ref)
  } catch (error) {
    const isTransient =
      error instanceof UnreachableError || (error instanceof ApiError && (error.status >= 500 || error.status === 429))
    if (!isTransient) throw error
    return {ready: false, reason: error.message}
  }
  const state = ready(object)
  return state === true ? {ready: true, object} : {ready: false, reason: state}
}
