import {exitCodes, MeshError, refusedError, usageError} from '../errors.ts'
import type {Run} from './run.ts'

/** What a question for a yes needs of a run. */
export interface Asker {
  terminal: Run['terminal']
  write: Pick<Run['write'], 'yes'>
}

/** Asks for the yes to a change. `--yes` is one. Without a terminal it is an error that says what to add (`hint`). */
export async function confirmChange(
  question: string,
  run: Asker,
  hint = 'add --yes, or look first with --dry-run=server',
): Promise<void> {
  if (run.write.yes) return
  if (!run.terminal.interactive) throw usageError('changes need a yes, and there is nobody to ask', hint)
  const {askYes} = await import('../terminal/prompts.ts')
  if (!(await askYes(run.terminal, question))) throw new MeshError({message: 'nothing was changed'}, exitCodes.refused)
}

/** For what can't be undone: the name has to be typed, or `--yes` given. */
export async function confirmByName(question: string, name: string, run: Asker): Promise<void> {
  if (run.write.yes) return
  if (!run.terminal.interactive)
    throw usageError(
      `to remove needs a yes, and there is nobody to ask`,
      'add --yes, or look first with --dry-run=server',
    )
  const {askText} = await import('../terminal/prompts.ts')
  const typed = await askText(run.terminal, {message: `${question} Type ${name} to go on:`})
  if (typed.trim() !== name) throw refusedError('nothing was changed')
}
