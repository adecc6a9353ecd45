import type {Outcome} from '../../engine/plan/apply.ts'
import {hasWritten} from '../apply-plan.ts'
import type {Run} from '../run.ts'

/**
 * Prints the commands that usually follow a run. Only on a terminal, for the user who follows the run, and only if the run has written
 * something.
 *
 * @param steps each ready to paste
 */
export function printNext(
  steps: readonly string[],
  outcomes: readonly Outcome[],
  {terminal}: Pick<Run, 'terminal'>,
): void {
  if (!terminal.interactive || steps.length === 0 || !hasWritten(outcomes)) return
  terminal.message(['Next:', ...steps.map(step => `  ${step}`)])
}
