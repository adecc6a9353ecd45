import {exitCodes, MeshError, refusedError, usageError} from '../errors.ts'
import type {Run} from './run.ts'

/** The part of a run that a confirmation needs. */
export interface Confirmer {
  terminal: Run['terminal']
  write: Pick<Run['write'], 'yes'>
}

/**
 * Asks the user to confirm a change. `--yes` confirms it.
 *
 * @param hint what to add to the command line where no terminal is available
 * @throws MeshError (exit 2) without a terminal, (exit 3) if the user declines
 */
export async function confirmChange(
  question: string,
  run: Confirmer,
  hint = 'add --yes, or review the changes first with --dry-run=server',
): Promise<void> {
  if (run.write.yes) return
  if (!run.terminal.interactive)
    throw usageError('changes need confirmation, and this is not an interactive terminal', hint)
  const {askYes} = await import('../terminal/prompts.ts')
  if (!(await askYes(run.terminal, question))) throw new MeshError({message: 'nothing was changed'}, exitCodes.refused)
}

/**
 * Asks the user to type a name, for changes that cannot be undone. `--yes` confirms them.
 *
 * @throws MeshError (exit 2) without a terminal, (exit 3) if the name does not match
 */
export async function confirmByName(question: string, name: string, run: Confirmer): Promise<void> {
  if (run.write.yes) return
  if (!run.terminal.interactive)
    throw usageError(
      'a removal needs confirmation, and this is not an interactive terminal',
      'add --yes, or review the changes first with --dry-run=server',
    )
  const {askText} = await import('../terminal/prompts.ts')
  const typed = await askText(run.terminal, {message: `${question} Type ${name} to continue:`})
  if (typed.trim() !== name) throw refusedError('nothing was changed')
}
