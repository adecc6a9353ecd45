import type {Outcome} from '../../engine/plan/apply.ts'
import type {ClusterPlan} from '../../engine/plan/plan.ts'
import {type ExitCode, exitCodes, MeshError, refusedError} from '../../errors.ts'
import {exitAfterChange, lineOf, problemsAfter, refuseConflicts, withResume} from '../../run/apply-plan.ts'
import {confirmManaged} from '../../run/confirm-managed.ts'
import type {Gate} from '../../run/gate.ts'
import {showBeforeApply} from '../../run/print-plan.ts'
import {confirmPlans} from '../../run/review/review.ts'
import type {Run} from '../../run/run.ts'
import {failureOf} from '../../terminal/failure.ts'
import {formatListing} from '../../terminal/list/listing.ts'
import {count} from '../../text/count.ts'
import {runOf} from './collect.ts'
import type {AppliedDocument} from './kind.ts'
import {precedes} from './order.ts'
import {type FilesPlan, planDocuments, problemsFor} from './plan.ts'
import type {PlannedDocument} from './planned.ts'
import {laterLines, summaryOf} from './report-plan.ts'
import {isPending, mergePlans, writeOf, writesOf} from './report-plans.ts'
import {type DocumentResult, exitOfResults, resultListing} from './report-result.ts'
import {changedSince, type SavedPlan} from './report-saved.ts'

/** The output formats of the report. */
export type ResultFormat = 'json' | 'yaml' | 'name' | undefined

/** How a set of documents is applied. */
export interface ApplyOptions {
  /** Command line that continues the run. */
  resume: string
  /** Command line that shows the plan without applying it. Undefined for a saved plan, which was shown before. */
  review?: string
  output: ResultFormat
  /** The plan to apply, which must still be the plan of the documents. */
  saved?: SavedPlan
}

/**
 * Applies a set of documents: plans all of them, shows one plan, asks once, and then applies one document after the other. Each is
 * planned again right before it is applied, because earlier ones may have changed what it depends on. A failure stops only the
 * documents that depend on the failed one.
 *
 * @param documents in the order in which they are applied
 * @throws MeshError (exit 2 or 3) if nothing was written, (exit 4) if only a part was, (exit 5) if a check afterwards failed
 */
export async function applyDocuments(
  documents: readonly AppliedDocument[],
  {resume, review, output, saved}: ApplyOptions,
  run: Run,
): Promise<ExitCode> {
  const plan = await planDocuments(documents, run)
  const {planned} = plan
  if (saved) requireUnchanged(saved, planned)
  const merged = mergePlans(planned)
  refuseConflicts(merged)
  run.terminal.message(laterLines(planned))
  await confirmManaged(merged, run)
  run.terminal.message(summaryOf(planned))
  const todo = planned.filter(({differs}) => differs)
  if (todo.length > 0) {
    const hint = review === undefined ? 'add --yes' : `add --yes, or review the changes first: ${review}`
    await confirmPlans(merged, {...confirmationOf(todo, merged, run), resume, repeat: resume, hint}, run)
  }
  const results = await applyPlanned(plan, output, run)
  if (results.length > 0 || output !== undefined)
    run.terminal.print(formatListing(resultListing(results), output), output === undefined ? 'text' : 'data')
  const exit = exitOfResults(results, run.signal.aborted)
  const problems = problemsAfter(
    results.flatMap(one => one.problems),
    run,
  )
  if (problems.length > 0) throw new MeshError(withResume(problems, resume), exit)
  return exit === exitCodes.ok && results.some(({written}) => written > 0) ? exitAfterChange(run) : exit
}

/** A removal cannot be undone, so the name of the set confirms it. */
function confirmationOf(todo: readonly PlannedDocument[], merged: readonly ClusterPlan[], {documentSet}: Run) {
  const gone = todo.flatMap(({document}) => (document.pruned ? [`${document.kind.kind} ${document.name}`] : []))
  const applied = count(todo.length - gone.length, 'document')
  const clusters = merged.map(({cluster}) => cluster).join(', ')
  const noun = merged.length === 1 ? 'cluster' : 'clusters'
  if (gone.length === 0 || documentSet === undefined) return {question: `Apply ${applied} to ${clusters}?`}
  const first = gone.length === todo.length ? '' : `applies ${applied} and `
  return {question: `This ${first}removes ${gone.join(', ')} (${noun}: ${clusters}).`, typed: documentSet}
}

/** Refuses a saved plan that is no longer what would be applied. */
function requireUnchanged(saved: SavedPlan, planned: readonly PlannedDocument[]): void {
  const problems = changedSince(saved, planned)
  const last = problems.at(-1)
  if (!last) return
  const hints = ['the clusters or local files have changed since the plan was saved: save a new plan, and review it']
  throw new MeshError([...problems.slice(0, -1), {...last, hints}], exitCodes.refused)
}

const manualStep = {message: 'apply the values that are printed above, then run this command again'}

async function applyPlanned({planned, messages}: FilesPlan, output: ResultFormat, run: Run): Promise<DocumentResult[]> {
  const results: DocumentResult[] = []
  const shown = writesOf(planned)
  for (const one of planned) {
    const before = results.filter(({document}) => precedes(document, one.document))
    const isStopped = run.signal.aborted || before.some(({result}) => result === 'failed' || result === 'not tried')
    const hasNews = isPending(one) || before.some(({result}) => result === 'applied')
    const idle = {document: one.document, written: 0, problems: [], exit: exitCodes.ok}
    if (one.manual)
      results.push({
        ...idle,
        result: 'failed',
        problems: problemsFor(one.document, [manualStep]),
        exit: exitCodes.refused,
      })
    else if (!hasNews) results.push({...idle, result: 'unchanged'})
    else if (isStopped) results.push({...idle, result: 'not tried'})
    else results.push(await applyDocument(one, shown, {output, messages}, run))
  }
  return results
}

async function applyDocument(
  one: PlannedDocument,
  shown: Set<string>,
  {output, messages}: {output: ResultFormat} & Pick<FilesPlan, 'messages'>,
  run: Run,
): Promise<DocumentResult> {
  const {document} = one
  const outcomes: Outcome[] = []
  const gate: Gate = {
    planned: plans => approve(one, plans, shown, run),
    outcome: outcome => {
      outcomes.push(outcome)
      if (outcome.result === 'ok' && output === undefined) run.terminal.print(lineOf(outcome))
    },
  }
  const own = runOf(run, {document, gate, messages, dryRun: 'none', isConfirmed: !one.later})
  const written = () => outcomes.filter(({result, wrote}) => result === 'ok' || wrote).length
  try {
    const exit = await document.kind.apply(document.raw, document.context ?? '', own)
    return {document, result: written() > 0 ? 'applied' : 'unchanged', written: written(), problems: [], exit}
  } catch (error) {
    const {problems, exit} = failureOf(error, document.kind.command)
    return {document, result: 'failed', written: written(), problems: problemsFor(document, problems), exit}
  }
}

/**
 * Accepts the plan of a document right before it is applied. That of a document that could not be planned before is shown.
 *
 * @throws MeshError (exit 3) for a change of an object that was not shown
 */
async function approve({later}: PlannedDocument, plans: readonly ClusterPlan[], shown: Set<string>, run: Run) {
  if (later) return showBeforeApply(plans, run)
  const hidden = plans.flatMap(plan =>
    plan.steps
      .filter(step => writeOf(plan, step).some(write => !shown.has(write)))
      .map(({ref}) => `${plan.cluster}: ${ref.kind} ${ref.name}`),
  )
  if (hidden.length > 0)
    throw refusedError(
      `has changes that were not shown: ${hidden.join(', ')}`,
      'the clusters have changed since the plan was shown; apply again to see the new plan',
    )
}
