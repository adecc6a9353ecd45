import {type ExitCode, exitCodes} from '../errors.ts'
import {someOf} from '../text/count.ts'
import type {Run} from './run.ts'

/** What a removal did not find, for its message. */
export interface Absent {
  /** What should be removed: `authorizer ext`. */
  what: string
  /** Where: `namespace istio-system of east`. */
  where: string
  /** Plural of what exists there: `authorizers`. */
  plural: string
  /** Names of what exists there, so that the user can spot a typing error. */
  existing: readonly string[]
}

/** The most names that are shown. */
const mostNames = 10

/**
 * Reports that what a removal should remove does not exist, with the names that do, and returns its exit code: 0, because the
 * desired state is reached. What exists but has no record of kubectl-mesh is refused instead (exit code 3).
 */
export function reportAbsent({what, where, plural, existing}: Absent, {terminal}: Pick<Run, 'terminal'>): ExitCode {
  const names = existing.length === 0 ? 'none' : someOf([...existing].sort(), mostNames)
  terminal.message(`nothing to remove: there is no ${what} in ${where}; existing ${plural}: ${names}`)
  return exitCodes.ok
}
