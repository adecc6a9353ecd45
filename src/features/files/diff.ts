import {type ExitCode, exitCodes} from '../../errors.ts'
import {printPlan} from '../../run/print-plan.ts'
import type {Run} from '../../run/run.ts'
import {formatListing} from '../../terminal/list/listing.ts'
import {formatJunit} from '../../terminal/output/junit.ts'
import {shellWord} from '../../text/shell-word.ts'
import type {AppliedDocument} from './kind.ts'
import {planDocuments, tryPlanning} from './plan.ts'
import type {PlannedDocument} from './planned.ts'
import {driftOf} from './report-drift.ts'
import {laterLines, planListing, summaryOf} from './report-plan.ts'
import {mergePlans} from './report-plans.ts'
import {requireComplete, savePlan} from './saved.ts'

/** The output formats of `mesh diff`. */
export const diffFormats = ['diff', 'table', 'json', 'junit'] as const

/**
 * Prints what applying a set of documents would change, as one plan: as a diff, or as manifests in the formats of dry runs. Only
 * reads.
 *
 * @param documents in the order in which they are applied
 * @param run a server dry run
 * @param out file in which the plan is saved
 * @returns 1 with `--exit-code` if there are changes
 * @throws MeshError (exit 3) if the plan cannot be saved, before it is printed
 */
export async function printFilesPlan(
  documents: readonly AppliedDocument[],
  run: Run,
  out?: string | undefined,
): Promise<ExitCode> {
  const {planned} = await planDocuments(documents, run)
  run.terminal.message(laterLines(planned))
  if (out !== undefined) requireComplete(planned)
  await printPlan(mergePlans(planned), run)
  run.terminal.message(summaryOf(planned))
  if (out !== undefined) {
    await savePlan(out, planned, run.documentSet)
    run.terminal.message(`saved ${out}; to apply exactly this plan: kubectl mesh apply ${shellWord(out)}`)
  }
  return exitOf(planned, run)
}

/**
 * Prints how a set of documents differs from the clusters, one row or test case for each document, also if some cannot be compared.
 * Only reads.
 *
 * @param documents in the order in which they are applied
 * @param run a server dry run
 * @returns 1 with `--exit-code` if there are differences
 * @throws MeshError after the report that lists the problems of documents that cannot be compared
 */
export async function diffDocuments(
  documents: readonly AppliedDocument[],
  output: Exclude<(typeof diffFormats)[number], 'diff'>,
  run: Run,
): Promise<ExitCode> {
  const {planned, failure} = await tryPlanning(documents, run)
  if (output === 'junit') run.terminal.print(formatJunit('kubectl mesh diff', driftOf(planned)))
  else if (output === 'json') run.terminal.print(formatListing(planListing(planned), 'json'))
  else run.terminal.print(formatListing(planListing(planned), undefined), 'text')
  if (output === 'table') run.terminal.message([...laterLines(planned), summaryOf(planned)])
  if (failure) throw failure
  return exitOf(planned, run)
}

function exitOf(planned: readonly PlannedDocument[], {write}: Run): ExitCode {
  return write.exitCode && planned.some(({differs}) => differs) ? exitCodes.differences : exitCodes.ok
}
