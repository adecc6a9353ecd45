import type {Problem} from '../../errors.ts'
import {problemsOf, runChecks} from '../../findings/check.ts'
import {type Exporter, exportLabel} from '../../mesh/services/objects.ts'
import type {ExportedService} from '../../mesh/services/plan-imports.ts'
import {
  type ExportingCluster,
  type ImportingCluster,
  readExporting,
  type ServiceCluster,
} from '../../mesh/services/read.ts'
import {readImporting} from '../../mesh/services/read-importing.ts'
import {serviceExportChecks} from './checks.ts'
import {importChange} from './import-changes.ts'
import {planExports} from './plan-exports.ts'
import {readEach} from './read.ts'
import type {Round} from './round.ts'
import type {ServiceExport} from './spec.ts'

/** State of the clusters at one moment. A cluster that did not answer is in neither list. */
interface Snapshot {
  exporting: ExportingCluster[]
  importing: ImportingCluster[]
}

/**
 * Reads what labelled Services change in the imports of the clusters that answered.
 *
 * @param problems gets those of clusters that do not answer any more
 */
export async function importRound(
  spec: ServiceExport,
  bases: readonly ServiceCluster[],
  problems: Problem[],
  manager: string,
): Promise<Round> {
  const snapshot = await readSnapshot(spec, bases, problems, manager)
  return {...planRound(spec, snapshot), unrecorded: snapshot.importing}
}

/** Reads all clusters in parallel. A cluster that fails is a problem. */
async function readSnapshot(
  spec: ServiceExport,
  bases: readonly ServiceCluster[],
  problems: Problem[],
  manager: string,
): Promise<Snapshot> {
  const choice = {name: undefined, selector: `${exportLabel}=true`, namespace: spec.namespace}
  const importers = spec.to.length > 0 ? spec.to : spec.contexts
  const contexts = bases.map(({context}) => context)
  const results = await readEach(contexts, problems, async context => {
    const base = bases.find(one => one.context === context)!
    const [exporting, importing] = await Promise.all([
      spec.contexts.includes(context) ? readExporting(base, spec, choice) : undefined,
      importers.includes(context) ? readImporting(base, spec, {manager, listsLost: true}) : undefined,
    ])
    return {exporting, importing}
  })
  return {
    exporting: results.flatMap(({exporting}) => exporting ?? []),
    importing: results.flatMap(({importing}) => importing ?? []),
  }
}

function planRound(spec: ServiceExport, {exporting, importing}: Snapshot): Pick<Round, 'changes' | 'problems'> {
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
