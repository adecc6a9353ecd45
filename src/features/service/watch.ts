import {setTimeout as sleep} from 'node:timers/promises'
import type {Cluster} from '../../engine/cluster/cluster.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {type ExitCode, exitCodes, MeshError, messageOf, type Problem, usageError} from '../../errors.ts'
import {isClusterError} from '../../mesh/contexts/for-each.ts'
import {exportLabel} from '../../mesh/services/objects.ts'
import {readServiceCluster} from '../../mesh/services/read.ts'
import {type ClusterChange, changeClusters} from '../../run/change-clusters.ts'
import {confirmChange} from '../../run/confirm.ts'
import {reportUnrecorded} from '../../run/report-unrecorded.ts'
import {connect, type Run} from '../../run/run.ts'
import {formatWarnings} from '../../terminal/output/findings.ts'
import {formatDuration} from '../../text/duration.ts'
import {shareByLabel} from './ambient/share.ts'
import {sharingRound} from './ambient/watch.ts'
import {asServerDryRun} from './contexts.ts'
import {readEach} from './read.ts'
import type {Round} from './round.ts'
import type {ServiceExport} from './spec.ts'
import {importRound} from './watch-imports.ts'

/**
 * Exports labelled Services and updates the imports at an interval, until Ctrl-C. Exports of a cluster are kept while it
 * does not answer; importing clusters that do not answer are updated later. Only what was exported by the label is
 * withdrawn.
 *
 * @returns 130
 * @throws MeshError (exit 2) for a dry run without `--output-dir`
 */
export async function watchExports(spec: ServiceExport, run: Run): Promise<ExitCode> {
  const toFiles = run.write.outputDir !== undefined
  if (run.write.dryRun !== 'none' && !toFiles)
    throw usageError('--watch conflicts with --dry-run', `to preview once: -l ${exportLabel}=true --dry-run=server`)
  const importers = spec.to.length > 0 ? spec.to : spec.contexts
  const contexts = [...new Set([...spec.contexts, ...importers])]
  const clusters = new Map(
    await Promise.all(contexts.map(async context => [context, await connect(run.access, context)] as const)),
  )
  const about = `Services labelled ${exportLabel}=true from ${spec.contexts.join(', ')} to ${importers.join(', ')}`
  if (!toFiles) await confirmChange(`Export ${about}, until Ctrl-C?`, run)
  run.terminal.message(`watching ${about}; interval ${formatDuration(spec.interval)}, press Ctrl-C to stop`)
  const update = toFiles ? fileWriter(run) : clusterUpdater(run)
  let reported = new Set<string>()
  let reportedIds = new Set<string>()
  while (!run.signal.aborted) {
    const {changes, problems, unrecorded} = await readRound(spec, contexts, clusters, run.access.manager)
    reported = reportNew([...problems, ...(await update(changes))], reported, run)
    reportedIds = reportNewUnrecorded(unrecorded, reportedIds, run)
    await sleep(spec.interval, undefined, {signal: run.signal}).catch(ignoreAbort)
  }
  return exitCodes.interrupted
}

type Update = (changes: readonly ClusterChange[]) => Promise<Problem[]>

/** Changes the clusters one after the other, so that a failure in one does not stop the others. */
function clusterUpdater(run: Run): Update {
  return async changes => {
    const problems: Problem[] = []
    for (const change of changes) problems.push(...(await apply([change], run)))
    return problems
  }
}

/** Writes the files of all clusters, if they differ from those of the last round. */
function fileWriter(run: Run): Update {
  let written = ''
  return async changes => {
    const text = JSON.stringify(changes.map(({name, changes: list}) => [name, list]))
    if (text === written) return []
    written = text
    return apply(changes, run)
  }
}

async function readRound(
  spec: ServiceExport,
  contexts: readonly string[],
  clusters: ReadonlyMap<string, Cluster>,
  manager: string,
): Promise<Round> {
  const problems: Problem[] = []
  const bases = await readEach(contexts, problems, context => readServiceCluster(clusters.get(context)!, spec))
  try {
    const round = shareByLabel(bases)
      ? await sharingRound(spec, bases, problems, manager)
      : await importRound(spec, bases, problems, manager)
    return {...round, problems: [...problems, ...round.problems]}
  } catch (error) {
    if (!(error instanceof MeshError)) throw error
    return {changes: [], problems: [...problems, ...error.problems], unrecorded: []}
  }
}

/** Applies changes without a question. Returns what failed. */
async function apply(changes: readonly ClusterChange[], run: Run): Promise<Problem[]> {
  const confirmed = {...run, write: {...run.write, yes: true}}
  try {
    await changeClusters(changes, {question: ''}, asServerDryRun(confirmed), () => undefined)
    return []
  } catch (error) {
    if (error instanceof MeshError) return error.problems
    if (!isClusterError(error)) throw error
    return [{message: `${changes.map(({name}) => name).join(', ')}: ${messageOf(error)}`}]
  } finally {
    // Other runs may write between the rounds.
    await run.leases?.release()
  }
}

/** Prints problems that the last round did not have. Returns the messages of this round. */
function reportNew(problems: readonly Problem[], reported: ReadonlySet<string>, run: Run): Set<string> {
  const fresh = problems.filter(({message}) => !reported.has(message))
  run.terminal.message(formatWarnings(fresh))
  return new Set(problems.map(({message}) => message))
}

/** Reports objects that the last round did not have. Returns the UIDs of this round. */
function reportNewUnrecorded(clusters: Round['unrecorded'], reported: ReadonlySet<string>, run: Run): Set<string> {
  const idOf = ({metadata}: KubernetesObject) => metadata.uid ?? ''
  for (const {name, unrecorded} of clusters)
    reportUnrecorded(
      name,
      unrecorded.filter(object => !reported.has(idOf(object))),
      run,
    )
  return new Set(clusters.flatMap(({unrecorded}) => unrecorded.map(idOf)))
}

function ignoreAbort(error: unknown): void {
  if ((error as Error).name !== 'AbortError') throw error
}
