import type {ClusterPlan} from '../../engine/plan/plan.ts'
import {exitCodes, MeshError} from '../../errors.ts'
import {renderLines} from '../../terminal/output/styled.ts'
import {withoutYes} from '../command-line.ts'
import {confirmByName, confirmChange, untilAnswered} from '../confirm.ts'
import {collapsedHint, detailOf, diffLines, showBeforeApply} from '../print-plan.ts'
import type {Run} from '../run.ts'
import {type ClusterRisk, formatReview} from './format.ts'
import {reportFailure, saveReview} from './save.ts'

/** How the user confirms: by answering a question, or by typing a name if the change cannot be undone. */
export interface Confirmation {
  question: string
  /** Text that the user must type. */
  typed?: string
  /** The command line that continues a run which has ended early. */
  resume?: string
  /**
   * The command line that repeats the run, for a user who declines (default: `resume`, otherwise what the user typed). null if
   * the caller prints it.
   */
  repeat?: string | null
  /** How to go on without a terminal (default: `--yes`, or a dry run). */
  hint?: string
  /** Risks that the plans do not show. */
  risks?: readonly ClusterRisk[]
}

/**
 * Shows plans and asks for confirmation. On a terminal: one line per cluster and the risks, and a question at which the user
 * can also see the diff and save it. With `--yes`: one summary line per cluster.
 *
 * @throws MeshError (exit 2) without a terminal and without `--yes`, (exit 3) if the user declines
 */
export async function confirmPlans(plans: readonly ClusterPlan[], confirmation: Confirmation, run: Run): Promise<void> {
  if (run.gate) return run.gate.planned(plans)
  const {question, typed, hint} = confirmation
  if (!run.write.yes && run.terminal.interactive) return review(plans, confirmation, run)
  await showBeforeApply(plans, run)
  if (typed === undefined) await confirmChange(question, run, hint)
  else await confirmByName(question, typed, run, hint)
}

async function review(plans: readonly ClusterPlan[], confirmation: Confirmation, run: Run): Promise<void> {
  const options = {columns: columnsOf(run), manager: run.access.manager, risks: confirmation.risks}
  run.terminal.message(['', ...formatReview(plans, options), ''])
  for (;;) {
    const answer = await untilAnswered(() => askForAnswer(confirmation, run), repeatHints(confirmation, run))
    if (answer === 'yes') return
    if (answer === 'no') throw declined(confirmation, run)
    if (answer === 'diff') await showDiff(plans, run)
    else await saveReview(plans, run)
  }
}

/** Width of the terminal; 80 without one. */
export function columnsOf({terminal}: Pick<Run, 'terminal'>): number {
  return (terminal.stderr as {columns?: number}).columns || 80
}

type Answer = 'yes' | 'no' | 'diff' | 'save'

const answers: Readonly<Record<string, Answer>> = {
  '': 'no',
  n: 'no',
  no: 'no',
  y: 'yes',
  yes: 'yes',
  d: 'diff',
  diff: 'diff',
  s: 'save',
  save: 'save',
}

async function askForAnswer({question, typed}: Confirmation, {terminal}: Run): Promise<Answer> {
  const {askText} = await import('../../terminal/prompts.ts')
  if (typed === undefined) {
    const check = (text: string) => (answerOf(text) ? undefined : 'is not y, n, d or s')
    return answerOf(await askText(terminal, {message: `${question}  [y]es [N]o [d]iff [s]ave`, check}))!
  }
  const text = await askText(terminal, {message: `${question} Type ${typed} to continue, or [d]iff [s]ave:`})
  if (text.trim() === typed) return 'yes'
  const answer = answerOf(text)
  // Only the name confirms.
  return answer === 'diff' || answer === 'save' ? answer : 'no'
}

function answerOf(text: string): Answer | undefined {
  return answers[text.trim().toLowerCase()]
}

function declined(confirmation: Confirmation, run: Run): MeshError {
  return new MeshError({message: 'nothing was changed', hints: repeatHints(confirmation, run)}, exitCodes.refused)
}

/** With answers, the command line without questions is printed instead. */
function repeatHints({resume, repeat = resume}: Confirmation, {typed, answers}: Run): string[] {
  const commandLine = answers.length > 0 ? null : repeat === undefined ? typed : repeat
  return commandLine ? [`to repeat this run: ${withoutYes(commandLine)}`] : []
}

/** In the pager, or with the program of KUBECTL_EXTERNAL_DIFF, whose failure does not end the run. */
async function showDiff(plans: readonly ClusterPlan[], {terminal, write}: Run): Promise<void> {
  const {externalDiff, runExternalDiff} = await import('../../terminal/output/external-diff.ts')
  const program = externalDiff(process.env)
  if (program) {
    await reportFailure(terminal, async () => void (await runExternalDiff(program, plans, 2)))
    return
  }
  const detail = detailOf(write.summary, true)
  const lines = await diffLines(plans, {context: write.diffContext, detail})
  const hint = collapsedHint(plans, detail)
  const {showText} = await import('../../terminal/output/pager.ts')
  await showText(renderLines(lines, terminal.color.stderr), terminal, terminal.stderr)
  if (hint !== undefined) terminal.message(hint)
}
