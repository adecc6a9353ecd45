import {setTimeout as sleep} from 'node:timers/promises'
import type {Cluster} from '../../engine/cluster/cluster.ts'
import {type ExitCode, exitCodes, MeshError, messageOf, type Problem, usageError} from '../../errors.ts'
import {problemsOf, runChecks} from '../../findings/check.ts'
import {type ServiceOf, wantedImports} from '../../mesh/services/exports.ts'
import {type Exporter, exportLabel} from '../../mesh/services/objects.ts'
import {offersOf} from '../../mesh/services/offers.ts'
import {
  type ExportingCluster,
  type ImportingCluster,
  readExporting,
  readImporting,
  readServiceCluster,
} from '../../mesh/services/read.ts'
import {type ClusterChange, changeClusters} from '../../run/change-clusters.ts'
import {confirmChange} from '../../run/confirm.ts'
import {connect, type Run} from '../../run/run.ts'
import {formatWarnings} from '../../terminal/output/findings.ts'
import {formatDuration} from '../../text/duration.ts'
import {serviceExportChecks} from './checks.ts'
import {asServerDryRun} from './contexts.ts'
import {importChange, knownIdentities} from './import-changes.ts'
import {isOfCluster} from './read.ts'
import type {ServiceExport} from './spec.ts'

/** What one look at the clusters gave. A cluster that did not answer is in neither list. */
interface Look {
  exporting: ExportingCluster[]
  importing: ImportingCluster[]
  problems: Problem[]
}

/**
 * Keeps what is exported in step with a label on Services, by looking again and again, until Ctrl-C (exit 130). What a
 * cluster exports stays while that cluster does not answer; an importer that does not answer gets it later. Only what was
 * exported by the label is taken back.
 */
export async function watchExports(spec: ServiceExport, run: Run): Promise<ExitCode> {
  const files = run.write.outputDir !== undefined
  if (run.write.dryRun !== 'none' && !files)
    throw usageError(
      '--watch goes on for ever, and --dry-run looks once',
      'look with -l mesh.kubectl-mesh.io/export=true',
    )
  const importers = spec.to.length > 0 ? spec.to : spec.contexts
  const contexts = [...new Set([...spec.contexts, ...importers])]
  const clusters = new Map(
    await Promise.all(contexts.map(async context => [context, await connect(run.access, context)] as const)),
  )
  const about = `Services labelled ${exportLabel}=true of ${spec.contexts.join(', ')}, for ${importers.join(', ')}`
  if (!files) await confirmChange(`Keep exports in step with ${about}, until Ctrl-C?`, run)
  run.terminal.message(`watching ${about}; looking every ${formatDuration(spec.interval)}, Ctrl-C ends it`)
  let told = new Set<string>()
  let written = ''
  while (!run.signal.aborted) {
    const look = await lookAround(spec, contexts, importers, clusters)
    const {wishes, problems} = planRound(spec, look)
    const all = [...look.problems, ...problems]
    if (files) {
      const text = JSON.stringify(wishes.map(({name, changes}) => [name, changes]))
      if (text !== written) all.push(...(await makeTrue(wishes, run)))
      written = text
    } else for (const wish of wishes) all.push(...(await makeTrue([wish], run)))
    told = tellNew(all, told, run)
    await sleep(spec.interval, undefined, {signal: run.signal}).catch(ignoreAbort)
  }
  return exitCodes.interrupted
}

/** Reads all clusters side by side; one that fails is a problem of its own. */
async function lookAround(
  spec: ServiceExport,
  contexts: readonly string[],
  importers: readonly string[],
  clusters: ReadonlyMap<string, Cluster>,
): Promise<Look> {
  const look: Look = {exporting: [], importing: [], problems: []}
  const choice = {name: undefined, selector: `${exportLabel}=true`, namespace: spec.namespace}
  await Promise.all(
    contexts.map(async context => {
      try {
        const base = await readServiceCluster(clusters.get(context)!, spec)
        const [exporting, importing] = await Promise.all([
          spec.contexts.includes(context) ? readExporting(base, spec, choice) : undefined,
          importers.includes(context) ? readImporting(base, spec) : undefined,
        ])
        if (exporting) look.exporting.push(exporting)
        if (importing) look.importing.push(importing)
      } catch (error) {
        if (!isOfCluster(error) && !(error instanceof MeshError)) throw error
        look.problems.push({message: `${context}: ${messageOf(error)}`})
      }
    }),
  )
  const byContext = (a: {context: string}, b: {context: string}) =>
    contexts.indexOf(a.context) - contexts.indexOf(b.context)
  look.exporting.sort(byContext)
  look.importing.sort(byContext)
  return look
}

function planRound(spec: ServiceExport, {exporting, importing}: Look): {wishes: ClusterChange[]; problems: Problem[]} {
  const all = exporting.map(one => offersOf(one, spec.clusterDomain, knownIdentities(importing, one.name)))
  const offers = all.flatMap(one => one.offers)
  const wanted = importing.map(one => wantedImports(one, offers, isWithdrawn(spec, exporting)))
  const refusals = [...all, ...wanted].flatMap(one => one.refusals)
  const notes = wanted.flatMap(one => one.notes)
  const findings = runChecks(serviceExportChecks, {exporting, importing, offers, refusals, notes, named: undefined})
  return {
    wishes: importing.map((one, at) => importChange(spec, one, wanted[at]!.imports)),
    problems: [...problemsOf(findings, 'error'), ...problemsOf(findings, 'warning')],
  }
}

/** Exported by the label, and the Service has it no more; told only by an exporter that answered. */
function isWithdrawn({namespace}: ServiceExport, exporting: readonly ExportingCluster[]) {
  const labelled = new Map(
    exporting.map(({name, services}) => [
      name,
      new Set(services.map(({metadata}) => `${metadata.namespace}/${metadata.name}`)),
    ]),
  )
  return (service: ServiceOf, exporter: Exporter) => {
    const now = labelled.get(service.cluster)
    const meant = namespace === undefined || service.namespace === namespace
    return meant && exporter.byLabel === true && now !== undefined && !now.has(`${service.namespace}/${service.name}`)
  }
}

/** Writes what differs, and gives what went wrong. */
async function makeTrue(wishes: readonly ClusterChange[], run: Run): Promise<Problem[]> {
  const agreed = {...run, write: {...run.write, yes: true}}
  try {
    await changeClusters(wishes, {question: ''}, asServerDryRun(agreed), () => undefined)
    return []
  } catch (error) {
    if (error instanceof MeshError) return error.problems
    if (!isOfCluster(error)) throw error
    return [{message: `${wishes.map(({name}) => name).join(', ')}: ${messageOf(error)}`}]
  }
}

/** Says each problem once, as long as it lasts. */
function tellNew(problems: readonly Problem[], told: ReadonlySet<string>, run: Run): Set<string> {
  const fresh = problems.filter(({message}) => !told.has(message))
  if (fresh.length > 0) run.terminal.message(formatWarnings(fresh))
  return new Set(problems.map(({message}) => message))
}

function ignoreAbort(error: unknown): void {
  if ((error as Error).name !== 'AbortError') throw error
}
