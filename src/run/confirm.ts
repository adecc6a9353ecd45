import {exitCodes, MeshError, refusedError, usageError} from '../errors.ts'
import {isInterrupt} from '../terminal/failure.ts'
import type {Run} from './run.ts'

/** The part of a run that a confirmation needs. */
export interface Confirmer {
  terminal: Run['terminal']
  write: Pick<Run['write'], 'yes'>
  gate?: Run['gate']
}

const dryRunHint = 'add --yes, or review the changes first with --dry-run=server'

/**
 * Asks the user to confirm a change. `--yes` confirms it.
 *
 * @param hint what to add to the command line where no terminal is available
 * @throws MeshError (exit 2) without a terminal, (exit 3) if the user declines
 */
export async function confirmChange(question: string, run: Confirmer, hint = dryRunHint): Promise<void> {
  if (run.write.yes || run.gate) return
  if (!run.terminal.interactive)
    throw usageError('changes need confirmation, and this is not an interactive terminal', hint)
  const {askYes} = await import('../terminal/prompts.ts')
  if (!(await untilAnswered(() => askYes(run.terminal, question))))
    throw new MeshError({message: 'nothing was changed'}, exitCodes.refused)
}

/**
 * Asks the user to type a name, for changes that cannot be undone. `--yes` confirms them.
 *
 * @param hint what to add to the command line where no terminal is available
 * @throws MeshError (exit 2) without a terminal, (exit 3) if the name does not match
 */
export async function confirmByName(question: string, name: string, run: Confirmer, hint = dryRunHint): Promise<void> {
  if (run.write.yes) return
  if (!run.terminal.interactive)
    throw usageError('a removal needs confirmation, and this is not an interactive terminal', hint)
  const {askText} = await import('../terminal/prompts.ts')
  const message = `${question} Type ${name} to continue:`
  const typed = await untilAnswered(() => askText(run.terminal, {message}))
  if (typed.trim() !== name) throw refusedError('nothing was changed')
}

/**
 * Runs questions that precede all changes of a run.
 *
 * @param hints printed after Ctrl-C
 * @throws MeshError (exit 130) after Ctrl-C
 */
export async function untilAnswered<T>(ask: () => Promise<T>, hints: string[] = []): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if (!isInterrupt(error)) throw error
    throw new MeshError({message: 'interrupted: nothing was changed', hints}, exitCodes.interrupted, error)
  }
}
