import {setTimeout as sleep} from 'node:timers/promises'
import type {RawResponse} from './attempt.ts'

/** How often a request is sent at most. */
export const maxTries = 4

const transientStatus = new Set([429, 500, 502, 503, 504])

/**
 * Connection errors that may not occur again. Our own time limits are absent: a server that hangs is reported at once.
 */
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
/** A response with a longer `Retry-After` is returned without another try. */
const longestPauseMs = 30_000

/**
 * Start of kube-apiserver's message for an apply whose object does not match its schema: an unknown field, a wrong
 * type. The status is 500 without a reason, although a retry cannot succeed (Kubernetes 1.36).
 */
export const schemaMismatch = 'failed to create typed patch object'

/** The result of one try: a response or the error of its connection. */
export type Try = {response: RawResponse} | {error: unknown}

/**
 * Returns the pause before the next try in ms; undefined when the result is final.
 *
 * @param tries how often the request was sent, from 1
 * @param repeatable sending the request twice has the same effect as sending it once
 */
export function retryPause(result: Try, tries: number, repeatable: boolean): number | undefined {
  if (tries >= maxTries) return undefined
  if ('error' in result) return repeatable && isTransientError(result.error) ? pauseAfter(tries, undefined) : undefined
  const {response} = result
  return isTransientResponse(response, repeatable) ? pauseAfter(tries, response.headers['retry-after']) : undefined
}

/**
 * A server that responds with 429 has not started the request, so even a request that is not repeatable may be retried.
 */
function isTransientResponse({status, body}: RawResponse, repeatable: boolean): boolean {
  if (status === 429) return true
  return repeatable && transientStatus.has(status) && !(status === 500 && body.includes(`"message":"${schemaMismatch}`))
}

/** Returns whether another try may avoid this connection error. */
export function isTransientError(error: unknown): boolean {
  return transientCodes.has((error as NodeJS.ErrnoException).code ?? '')
}

/**
 * Returns the pause before the next try in ms: the `Retry-After` of the response, otherwise twice the previous pause.
 * Both get a random part, so that many clients do not retry at the same moment. Undefined if `Retry-After` is too long.
 *
 * @param tries how often the request was sent, from 1
 * @param retryAfter value of the header: seconds or an HTTP date
 */
export function pauseAfter(tries: number, retryAfter: string | undefined): number | undefined {
  const requested = retryAfter === undefined ? undefined : parseRetryAfter(retryAfter)
  if (requested === undefined) return firstPauseMs * 2 ** (tries - 1) * (0.5 + Math.random() / 2)
  return requested > longestPauseMs ? undefined : requested + Math.random() * firstPauseMs
}

/**
 * Waits.
 *
 * @throws the signal's reason as soon as it is aborted
 */
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
