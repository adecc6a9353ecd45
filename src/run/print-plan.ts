import type {Outcome} from '../engine/plan/apply.ts'
import {type ClusterPlan, hasDifferences} from '../engine/plan/plan.ts'
import {type ExitCode, exitCodes, usageError} from '../errors.ts'
import {formatDiff, summarize} from '../terminal/output/diff.ts'
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
  const {terminal, write} = run
  const shown = onlyOne(plans, write.only)
  const format = write.output ?? (write.dryRun === 'server' && write.outputDir === undefined ? 'diff' : 'yaml')
  if (format === 'diff') {
    const mask = createMasker()
    for (const plan of shown) terminal.print(await formatDiff(plan, {mask}))
  } else {
    await printObjects(
      shown.map(plan => objectsOf(plan, write.includeSecrets)),
      format,
      run,
    )
  }
  return write.exitCode && write.dryRun === 'server' && hasDifferences(shown) ? exitCodes.differences : exitCodes.ok
}

async function printObjects(parts: ClusterObjects[], format: 'yaml' | 'json' | 'name', run: Run): Promise<void> {
  const {terminal, write} = run
  if (write.outputDir !== undefined) {
    const files = await writeFolders(write.outputDir, parts)
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

function leftOutText(parts: readonly ClusterObjects[]): string {
  const sum = (key: keyof ClusterObjects['leftOut']) => parts.reduce((total, {leftOut}) => total + leftOut[key], 0)
  const texts = []
  if (sum('secrets') > 0)
    texts.push(` Omitted: ${count(sum('secrets'), 'Secret')}. Add --include-secrets to include Secrets.`)
  if (sum('pending') > 0)
    texts.push(` Omitted: ${count(sum('pending'), 'object')} that only a run without --dry-run can complete.`)
  if (sum('edits') > 0) texts.push(` Omitted: ${count(sum('edits'), 'edit')} of shared objects; -o diff shows them.`)
  return texts.join('')
}

/** Most lines of a new object that are shown before the confirmation: a gateway's Deployment fits, a CRD does not. */
const maxLinesBeforeApply = 120

/** Shows the diff on stderr before the confirmation; with `--yes` only one summary line per cluster. */
export async function showBeforeApply(plans: readonly ClusterPlan[], run: Run): Promise<void> {
  const mask = createMasker()
  for (const plan of plans) {
    if (run.write.yes) run.terminal.message(`${plan.cluster}: ${summarize(plan.steps)}`)
    else run.terminal.message(await formatDiff(plan, {mask, maxLines: maxLinesBeforeApply}))
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
