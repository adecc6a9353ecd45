import {setTimeout as sleep} from 'node:timers/promises'
import type {RawAnswer} from './attempt.ts'

/** How often a request is sent at most. */
export const maxTries = 4

const transientStatus = new Set([429, 500, 502, 503, 504])

/** Errors of a connection that another try may not meet. Our own time limits are not among them: a hang is told at once. */
const transientCodes = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
])

const firstPauseMs = 200
/** A server that asks for more is not waited for: its answer is told. */
const longestPauseMs = 30_000

/**
 * How kube-apiserver 1.36 begins the message of an apply whose object does not fit its schema (an unknown field, a wrong
 * type): it answers 500, without a reason, for what is the object's fault for good.
 */
export const unfitObject = 'failed to create typed patch object'

/**
 * Whether a request is worth another try after this answer. What was turned away with 429 was not begun, so that anything
 * may be repeated then.
 */
export function isTransientAnswer({status, body}: RawAnswer, repeatable: boolean): boolean {
  if (status === 429) return true
  return repeatable && transientStatus.has(status) && !(status === 500 && body.includes(`"message":"${unfitObject}`))
}

/** Whether a repeatable request is worth another try after this error of its connection. */
export function isTransientError(error: unknown): boolean {
  return transientCodes.has((error as NodeJS.ErrnoException).code ?? '')
}

/**
 * The pause before the next try in ms: what `Retry-After` asks for (seconds or a date), else twice the pause before, in
 * both cases with a random part, so that many clients do not come back together. Undefined: longer than we wait.
 *
 * @param tried how often the request was sent, from 1
 */
export function pauseAfter(tried: number, retryAfter: string | undefined): number | undefined {
  const asked = retryAfter === undefined ? undefined : parseRetryAfter(retryAfter)
  if (asked === undefined) return firstPauseMs * 2 ** (tried - 1) * (0.5 + Math.random() / 2)
  return asked > longestPauseMs ? undefined : asked + Math.random() * firstPauseMs
}

/** Waits; ends with the signal's reason when that is aborted. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, {signal})
  } catch {
    throw signal.reason
  }
}

function parseRetryAfter(value: string): number | undefined {
  if (/^\d+$/.test(value)) return Number(value) * 1000
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now())
}
