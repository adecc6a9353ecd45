import {setTimeout as sleep} from 'node:timers/promises'
import type {Cluster} from '../../engine/cluster/cluster.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {type ExitCode, exitCodes, MeshError, messageOf, type Problem, usageError} from '../../errors.ts'
import {problemsOf, runChecks} from '../../findings/check.ts'
import {type Exporter, exportLabel} from '../../mesh/services/objects.ts'
import type {ExportedService} from '../../mesh/services/plan-imports.ts'
import {
  type ExportingCluster,
  type ImportingCluster,
  readExporting,
  readServiceCluster,
} from '../../mesh/services/read.ts'
import {readImporting} from '../../mesh/services/read-importing.ts'
import {type ClusterChange, changeClusters} from '../../run/change-clusters.ts'
import {confirmChange} from '../../run/confirm.ts'
import {reportUnrecorded} from '../../run/report-unrecorded.ts'
import {connect, type Run} from '../../run/run.ts'
import {formatWarnings} from '../../terminal/output/findings.ts'
import {formatDuration} from '../../text/duration.ts'
import {serviceExportChecks} from './checks.ts'
import {asServerDryRun} from './contexts.ts'
import {importChange} from './import-changes.ts'
import {planExports} from './plan-exports.ts'
import {isClusterError} from './read.ts'
import type {ServiceExport} from './spec.ts'

/** The clusters that are watched. */
interface Watched {
  /** Contexts of the exporting and importing clusters. */
  contexts: readonly string[]
  importers: readonly string[]
  /** By context. */
  clusters: ReadonlyMap<string, Cluster>
}

/** State of the clusters at one moment. A cluster that did not answer is in neither list. */
interface Snapshot {
  exporting: ExportingCluster[]
  importing: ImportingCluster[]
  problems: Problem[]
}

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
    const snapshot = await readSnapshot(spec, {contexts, importers, clusters}, run.access.manager)
    const {changes, problems} = planRound(spec, snapshot)
    const all = [...snapshot.problems, ...problems, ...(await update(changes))]
    reported = reportNew(all, reported, run)
    reportedIds = reportNewUnrecorded(snapshot.importing, reportedIds, run)
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

/** Reads all clusters in parallel. A cluster that fails is a problem. */
async function readSnapshot(
  spec: ServiceExport,
  {contexts, importers, clusters}: Watched,
  manager: string,
): Promise<Snapshot> {
  const choice = {name: undefined, selector: `${exportLabel}=true`, namespace: spec.namespace}
  const problems: Problem[] = []
  const results = await Promise.all(
    contexts.map(async context => {
      try {
        const base = await readServiceCluster(clusters.get(context)!, spec)
        const [exporting, importing] = await Promise.all([
          spec.contexts.includes(context) ? readExporting(base, spec, choice) : undefined,
          importers.includes(context) ? readImporting(base, spec, {manager, listsLost: true}) : undefined,
        ])
        return {exporting, importing}
      } catch (error) {
        if (!isClusterError(error) && !(error instanceof MeshError)) throw error
        problems.push({message: `${context}: ${messageOf(error)}`})
        return {}
      }
    }),
  )
  return {
    exporting: results.flatMap(({exporting}) => exporting ?? []),
    importing: results.flatMap(({importing}) => importing ?? []),
    problems,
  }
}

function planRound(
  spec: ServiceExport,
  {exporting, importing}: Snapshot,
): {changes: ClusterChange[]; problems: Problem[]} {
  const plan = planExports(exporting, importing, spec.clusterDomain, withdrawnBy(spec, exporting))
  const after = plan.imports.map(({imports}) => imports)
  const subject = {exporting, importing, ...plan, after, named: undefined, systemNamespace: spec.systemNamespace}
  const findings = runChecks(serviceExportChecks, subject)
  return {
    changes: importing.map((one, at) => importChange(spec, one, plan.imports[at]!.imports)),
    problems: [...problemsOf(findings, 'error'), ...problemsOf(findings, 'warning')],
  }
}

/** A service is withdrawn if it was exported by the label, its exporter answered, and the label is gone. */
function withdrawnBy({namespace}: ServiceExport, exporting: readonly ExportingCluster[]) {
  const labelled = new Map(
    exporting.map(({name, services}) => [
      name,
      new Set(services.map(({metadata}) => `${metadata.namespace}/${metadata.name}`)),
    ]),
  )
  return (service: ExportedService, exporter: Exporter) => {
    const current = labelled.get(service.cluster)
    const isWatched = namespace === undefined || service.namespace === namespace
    return (
      isWatched &&
      exporter.byLabel === true &&
      current !== undefined &&
      !current.has(`${service.namespace}/${service.name}`)
    )
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
  }
}

/** Prints problems that the last round did not have. Returns the messages of this round. */
function reportNew(problems: readonly Problem[], reported: ReadonlySet<string>, run: Run): Set<string> {
  const fresh = problems.filter(({message}) => !reported.has(message))
  run.terminal.message(formatWarnings(fresh))
  return new Set(problems.map(({message}) => message))
}

/** Reports objects that the last round did not have. Returns the UIDs of this round. */
function reportNewUnrecorded(
  importing: readonly ImportingCluster[],
  reported: ReadonlySet<string>,
  run: Run,
): Set<string> {
  const idOf = ({metadata}: KubernetesObject) => metadata.uid ?? ''
  for (const {name, unrecorded} of importing)
    reportUnrecorded(
      name,
      unrecorded.filter(object => !reported.has(idOf(object))),
      run,
    )
  return new Set(importing.flatMap(({unrecorded}) => unrecorded.map(idOf)))
}

function ignoreAbort(error: unknown): void {
  if ((error as Error).name !== 'AbortError') throw error
}
