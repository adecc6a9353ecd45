import {setTimeout as delay} from 'node:timers/promises'
import type {Problem} from '../../../errors.ts'
import {distinctRights, missingRights, type Right} from '../../kubernetes/access-rules.ts'
import {ApiError, UnreachableError} from '../errors.ts'

/** The current user may not read something. It lists all reads that were denied at the same time. */
export class DeniedReadsError extends ApiError {
  readonly problems: Problem[]
  readonly rights: readonly Right[]

  constructor(rights: readonly Right[]) {
    const problems = missingRights(rights)
    super(403, 'Forbidden', problems.map(({message}) => message).join('; '))
    this.name = 'DeniedReadsError'
    this.problems = problems
    this.rights = rights
  }
}

/** Runs the reads of one cluster. */
export interface ReadTracker {
  /**
   * Runs a read. If the server denies it, waits for the other reads that are running.
   *
   * @param mayBeDenied the caller continues without the answer, so that the permission is not listed as missing
   * @throws DeniedReadsError that lists all of them; every other error unchanged
   */
  run<T>(right: Right, mayBeDenied: boolean, work: () => Promise<T>): Promise<T>
}

/** How long a denied read waits for the other reads, in milliseconds. */
const longestWait = 5_000

/**
 * Returns a tracker. Commands read in parallel, and the first answer would name only one missing permission.
 *
 * @param review returns what the command needs later and the user lacks; called after the first denied read
 */
export function trackReads(review: () => Promise<readonly Right[]> = async () => []): ReadTracker {
  const denied = new Map<string, Right>()
  let running = 0
  return {
    run: async (right, mayBeDenied, work) => {
      running++
      try {
        return await work()
      } catch (error) {
        if (mayBeDenied || !isDeniedRead(error)) throw error
        denied.set(JSON.stringify(right), right)
      } finally {
        running--
      }
      const end = Date.now() + longestWait
      // A read that succeeds may be followed by another one.
      do await delay(5)
      while (running > 0 && Date.now() < end)
      const later = await unlessRefused(review)
      throw new DeniedReadsError(distinctRights([...denied.values(), ...later]))
    },
  }
}

/** Without reviews, the denied reads are reported alone. */
async function unlessRefused(review: () => Promise<readonly Right[]>): Promise<readonly Right[]> {
  try {
    return await review()
  } catch (error) {
    if (error instanceof ApiError || error instanceof UnreachableError) return []
    throw error
  }
}

/**
 * Whether RBAC denies the read. Other reasons, such as a denied impersonation, are not solved by a rule for it
 * (k8s.io/apiserver, responsewriters/errors.go, 1.36).
 */
function isDeniedRead(error: unknown): boolean {
  return error instanceof ApiError && error.status === 403 && /\bcannot (get|list) resource "/.test(error.message)
}
