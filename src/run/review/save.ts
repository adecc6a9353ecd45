import {homedir} from 'node:os'
import {dirname, join} from 'node:path'
import type {ClusterPlan} from '../../engine/plan/plan.ts'
import {MeshError, problemsIn, refusedError} from '../../errors.ts'
import {writeFolders} from '../../terminal/output/files.ts'
import {formatWarnings} from '../../terminal/output/findings.ts'
import {objectsOf} from '../../terminal/output/objects.ts'
import {renderLines} from '../../terminal/output/styled.ts'
import type {Terminal} from '../../terminal/output/terminal.ts'
import {count} from '../../text/count.ts'
import {describeFileErrors} from '../../text/file-errors.ts'
import {createFile, TakenError} from '../../text/files.ts'
import {detailOf, diffLines, leftOutText} from '../print-plan.ts'
import type {Run} from '../run.ts'

/**
 * Asks where to save a plan, and saves it: manifests in a folder, as `--output-dir` does, or the diff in a file. A failure is
 * reported and does not end the run. No answer saves nothing.
 */
export async function saveReview(plans: readonly ClusterPlan[], run: Run): Promise<void> {
  const {askText} = await import('../../terminal/prompts.ts')
  const message = 'Folder for the manifests, or file for the diff (NAME.diff):'
  const answer = (await askText(run.terminal, {message})).trim()
  if (answer === '') return
  const path = expandHome(answer)
  await reportFailure(run.terminal, () =>
    isDiffFile(path) ? saveDiff(path, plans, run) : saveFolder(path, plans, run),
  )
}

/** Whether a path names a file for a diff, not a folder for manifests. */
export function isDiffFile(path: string): boolean {
  return /\.(?:diff|patch|txt)$/i.test(path)
}

/** A shell would expand `~/` in an argument. */
export function expandHome(path: string): string {
  return path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : path
}

async function saveDiff(path: string, plans: readonly ClusterPlan[], {terminal, write}: Run): Promise<void> {
  const lines = await diffLines(plans, {context: write.diffContext, detail: detailOf(write.summary, false)})
  try {
    await describeFileErrors(dirname(path), () => createFile(path, {text: renderLines(lines, false), mode: 0o644}))
  } catch (error) {
    throw error instanceof TakenError ? refusedError(`${path} exists and is not overwritten`) : error
  }
  terminal.message(`saved: ${path}`)
}

async function saveFolder(path: string, plans: readonly ClusterPlan[], {terminal, write}: Run): Promise<void> {
  const parts = plans.map(plan => objectsOf(plan, write.includeSecrets))
  const files = await writeFolders(path, parts)
  terminal.message(
    `saved: ${path} (${count(parts.length, 'cluster')}, ${count(files.length, 'file')}).${leftOutText(parts, 'review')}`,
  )
}

/** Runs what is not part of the run itself: a failure that the user can solve becomes a warning. */
export async function reportFailure(terminal: Terminal, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof MeshError) && !(error instanceof Error && 'syscall' in error)) throw error
    terminal.message(formatWarnings(problemsIn(error)))
  }
}
