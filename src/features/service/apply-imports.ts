import type {ExitCode} from '../../errors.ts'
import type {ServiceImport} from '../../mesh/services/objects.ts'
import type {ImportingCluster} from '../../mesh/services/read.ts'
import {changeClusters} from '../../run/change-clusters.ts'
import {printReport} from '../../run/print-plan.ts'
import type {Run} from '../../run/run.ts'
import {asServerDryRun} from './contexts.ts'
import {importChange} from './import-changes.ts'
import {formatServiceReport} from './report.ts'
import type {ServiceExport} from './spec.ts'

/** An importing cluster, and what it imports after the change. */
export interface ImporterChange {
  importing: ImportingCluster
  imports: readonly ServiceImport[]
}

/**
 * Asks for confirmation, changes the importing clusters and prints the results.
 *
 * @param hosts hosts of the services that are changed
 * @throws MeshError for conflicts and for writes that failed (exit 3 or 4)
 */
export async function applyImports(
  spec: Pick<ServiceExport, 'systemNamespace'>,
  importers: readonly ImporterChange[],
  hosts: ReadonlySet<string>,
  question: string,
  run: Run,
): Promise<ExitCode> {
  const changes = importers.map(({importing, imports}) => importChange(spec, importing, imports))
  const after = importers.map(({importing, imports}) => ({name: importing.name, imports}))
  const {exit} = await changeClusters(changes, {question}, asServerDryRun(run), outcomes =>
    printReport(formatServiceReport(hosts, after, outcomes, run.write.output), run),
  )
  return exit
}
