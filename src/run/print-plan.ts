import type {Outcome} from '../engine/plan/apply.ts'
import {type ClusterPlan, hasDifferences} from '../engine/plan/plan.ts'
import {type ExitCode, exitCodes, usageError} from '../errors.ts'
import {type Detail, type DiffOptions, formatDiff, hasText, summarize} from '../terminal/output/diff.ts'
import {writeFolders} from '../terminal/output/files.ts'
import {
  type ClusterObjects,
  formatJson,
  formatNames,
  formatYaml,
  objectsOf,
  removedBy,
} from '../terminal/output/objects.ts'
import {createMasker} from '../terminal/output/redact.ts'
import {renderLines, type StyledLine} from '../terminal/output/styled.ts'
import {count} from '../text/count.ts'
import {dumpYaml} from '../text/yaml.ts'
import type {Run} from './run.ts'

/**
 * Prints a plan that is not applied: as a diff, as manifests or as files. Nothing else is written to stdout.
 *
 * @returns 1 with `--exit-code` if there are differences, else 0
 * @throws MeshError (exit 2) if `--only` names another cluster
 */
export async function printPlan(plans: readonly ClusterPlan[], run: Run): Promise<ExitCode> {
  const {write} = run
  if (run.gate) {
    await run.gate.planned(plans)
    return write.exitCode && hasDifferences(plans) ? exitCodes.differences : exitCodes.ok
  }
  const shown = onlyOne(plans, write.only)
  const format = write.output ?? (write.dryRun === 'server' && write.outputDir === undefined ? 'diff' : 'yaml')
  let differs = hasDifferences(shown)
  if (format === 'diff') differs = (await printDiff(shown, run)) ?? differs
  else {
    await printObjects(
      shown.map(plan => objectsOf(plan, write.includeSecrets)),
      format,
      run,
    )
  }
  return write.exitCode && write.dryRun === 'server' && differs ? exitCodes.differences : exitCodes.ok
}

/** Prints a diff to stdout. Returns whether the program of KUBECTL_EXTERNAL_DIFF found differences; undefined without one. */
async function printDiff(plans: readonly ClusterPlan[], {terminal, write}: Run): Promise<boolean | undefined> {
  if (process.env.KUBECTL_EXTERNAL_DIFF) {
    const {externalDiff, runExternalDiff} = await import('../terminal/output/external-diff.ts')
    const program = externalDiff(process.env)
    if (program) return runExternalDiff(program, plans, 1)
  }
  const isTerminal = (terminal.stdout as {isTTY?: boolean}).isTTY === true
  const detail = detailOf(write.summary, isTerminal)
  const lines = await diffLines(plans, {context: write.diffContext, detail})
  if (terminal.interactive && isTerminal) {
    const {showText} = await import('../terminal/output/pager.ts')
    await showText(renderLines(lines, terminal.color.stdout), terminal, terminal.stdout)
  } else terminal.print(lines)
  const hint = collapsedHint(plans, detail)
  if (hint !== undefined) terminal.message(hint)
  return undefined
}

/** `--summary` and `--no-summary`; otherwise new objects take one line on a terminal. */
export function detailOf(summary: boolean | undefined, isTerminal: boolean): Detail {
  if (summary === undefined) return isTerminal ? 'changes' : 'objects'
  return summary ? 'lines' : 'everything'
}

/** The diffs of all clusters. Hashes of Secret values are comparable between them. */
export async function diffLines(
  plans: readonly ClusterPlan[],
  options: Omit<DiffOptions, 'mask'>,
): Promise<StyledLine[]> {
  const mask = createMasker()
  const parts = await Promise.all(plans.map(plan => formatDiff(plan, {...options, mask})))
  return parts.flat()
}

/** How to show the text of objects that take one line. Undefined if there are none, or if the user requested it. */
export function collapsedHint(plans: readonly ClusterPlan[], detail: Detail): string | undefined {
  if (detail === 'lines') return undefined
  const steps = plans.flatMap(plan => plan.steps).filter(({verdict}) => verdict !== 'unchanged')
  const hidden = steps.filter(step => !hasText(step, detail)).length
  if (hidden === 0) return undefined
  return `${hidden === 1 ? '1 object is shown on one line' : `${hidden} objects are shown on one line each`}; --no-summary shows the full text`
}

async function printObjects(parts: ClusterObjects[], format: 'yaml' | 'json' | 'name', run: Run): Promise<void> {
  const {terminal, write} = run
  if (write.outputDir !== undefined) {
    const files = await writeFolders(write.outputDir, parts, write.outputMode)
    terminal.print(files.join('\n'))
    terminal.message(`${count(parts.length, 'cluster')}, ${count(files.length, 'file')}.${leftOutText(parts)}`)
    return
  }
  const text = {yaml: formatYaml, json: formatJson, name: formatNames}[format](parts)
  if (text !== '') terminal.print(text)
  if (parts.length > 1 && format === 'yaml')
    terminal.message(
      `warning: the output contains the objects of ${parts.length} clusters; --only NAME prints one cluster, --output-dir DIR writes one folder per cluster`,
    )
  const left = leftOutText(parts).trim()
  if (left) terminal.message(left)
  const removals = parts.reduce((sum, {removed}) => sum + removed.length, 0)
  if (format === 'yaml' && removals > 0)
    terminal.message(`Omitted: ${count(removals, 'object')} to delete. -o name and -o json list them.`)
}

/**
 * Prints what a removal has deleted, in the formats for programs. The other formats print each object when it is deleted.
 *
 * @param outcomes of the removal
 */
export function printRemoved(outcomes: readonly Outcome[], {terminal, write: {output}}: Run): void {
  const done = Map.groupBy(
    outcomes.filter(({result}) => result === 'ok'),
    ({cluster}) => cluster,
  )
  const parts = [...done].map(([cluster, own]): ClusterObjects => {
    const leftOut = {secrets: 0, pending: 0, edits: 0}
    return {cluster, objects: [], removed: removedBy(own.map(({step}) => step)), leftOut}
  })
  if (output === 'name' && parts.length > 0) terminal.print(formatNames(parts))
  if (output === 'json') terminal.print(formatJson(parts))
  if (output === 'yaml') terminal.print(dumpYaml(JSON.parse(formatJson(parts))))
}

/**
 * What the manifests of a plan leave out.
 *
 * @param shown a review cannot take further flags, and applies what it shows
 */
export function leftOutText(parts: readonly ClusterObjects[], shown: 'dry run' | 'review' = 'dry run'): string {
  const isReview = shown === 'review'
  const sum = (key: keyof ClusterObjects['leftOut']) => parts.reduce((total, {leftOut}) => total + leftOut[key], 0)
  const texts = []
  if (sum('secrets') > 0)
    texts.push(
      ` Omitted: ${count(sum('secrets'), 'Secret')}.${isReview ? '' : ' Add --include-secrets to include Secrets.'}`,
    )
  if (sum('pending') > 0)
    texts.push(
      ` Omitted: ${count(sum('pending'), 'object')} that only ${isReview ? 'this run' : 'a run without --dry-run'} can complete.`,
    )
  if (sum('edits') > 0)
    texts.push(
      ` Omitted: ${count(sum('edits'), 'edit')} of shared objects; ${isReview ? 'the diff' : '-o diff'} shows them.`,
    )
  return texts.join('')
}

/** Most lines of a new object that are shown before the confirmation: a gateway's Deployment fits, a CRD does not. */
const maxLinesBeforeApply = 120

/** Shows the diff on stderr where no question can follow; with `--yes` only one summary line per cluster. */
export async function showBeforeApply(plans: readonly ClusterPlan[], run: Run): Promise<void> {
  const mask = createMasker()
  const {summary, diffContext: context} = run.write
  const options = {context, detail: detailOf(summary, false), maxLines: maxLinesBeforeApply}
  for (const plan of plans) {
    if (run.write.yes) run.terminal.message(`${plan.cluster}: ${summarize(plan.steps)}`)
    else run.terminal.message(await formatDiff(plan, {...options, mask}))
  }
}

function onlyOne(plans: readonly ClusterPlan[], only: string | undefined): readonly ClusterPlan[] {
  if (only === undefined) return plans
  const found = plans.filter(({cluster}) => cluster === only)
  if (found.length > 0) return found
  throw usageError(
    `--only ${only}: the plan has no such cluster`,
    `clusters: ${plans.map(({cluster}) => cluster).join(', ')}`,
  )
}

/**
 * Prints the result of a command that has changed clusters: a table, or data for `-o json|yaml`. The line that separates a table
 * from what was printed before goes to stderr of a terminal, so that the first line of stdout is never empty.
 */
export function printReport(report: string, {terminal, write: {output}}: Pick<Run, 'terminal' | 'write'>): void {
  const isData = output === 'json' || output === 'yaml'
  if (!isData && terminal.interactive) terminal.message('')
  terminal.print(report, isData ? 'data' : 'text')
}
