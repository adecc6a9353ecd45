import {contextInfo} from '../../engine/kubeconfig/kubeconfig.ts'
import {type ExitCode, exitCodes, MeshError, refusedError} from '../../errors.ts'
import {runChecks} from '../../findings/check.ts'
import {forEachContext} from '../../mesh/contexts/for-each.ts'
import {globalHost} from '../../mesh/services/objects.ts'
import {interruptedRemovals} from '../../mesh/services/objects-cluster.ts'
import {planImports} from '../../mesh/services/plan-imports.ts'
import type {ImportingCluster} from '../../mesh/services/read.ts'
import {readImporting} from '../../mesh/services/read-importing.ts'
import {refuseClientDryRun} from '../../run/dry-run.ts'
import {reportAbsent} from '../../run/report-absent.ts'
import {reportFindings} from '../../run/report-findings.ts'
import {reportUnrecorded} from '../../run/report-unrecorded.ts'
import type {Run} from '../../run/run.ts'
import {clusterNameFrom} from '../../spec/context-ref.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {shareByLabel} from './ambient/share.ts'
import {unshareServices} from './ambient/unexport.ts'
import {applyImports} from './apply-imports.ts'
import {importChecks} from './checks-imports.ts'
import {withContexts} from './contexts.ts'
import {openClusters} from './read.ts'
import {unimporterRights} from './rights.ts'
import {type ServiceUnexport, serviceUnexportFields, validateServiceUnexport} from './spec.ts'

type IsSelected = (service: {name: string; namespace: string}) => boolean

/**
 * Withdraws exported services. Other exporters of the same service are kept. An exporter whose name is set with
 * `--cluster-name CTX=NAME` is not contacted, because it may not exist any more.
 *
 * @throws MeshError for invalid input (exit 2), if another object imports the Service (exit 3), and for writes that failed
 *   (exit 3 or 4)
 */
export async function unexportServices(raw: RawSpec<typeof serviceUnexportFields>, run: Run): Promise<ExitCode> {
  const spec = withContexts(
    readSpec(serviceUnexportFields, raw, input => validateServiceUnexport(withContexts(input, run))),
    run,
  )
  refuseClientDryRun(run)
  const importers = spec.to.length > 0 ? spec.to : spec.contexts
  const contacted = spec.contexts.filter(context => spec.clusterName[context] === undefined)
  const clusters = await openClusters(run.access, [...contacted, ...importers], spec, context =>
    importers.includes(context) ? unimporterRights(spec.systemNamespace) : [],
  )
  const clusterOf = (context: string) => clusters.find(cluster => cluster.context === context)
  const exporters = new Set(
    spec.contexts.map(context => spec.clusterName[context] ?? clusterOf(context)?.name ?? clusterNameFrom(context)),
  )
  const {namespace: contextNamespace} = contextInfo(run.access.kubeconfig, spec.contexts[0] ?? '')
  const namespace = spec.namespace ?? contextNamespace
  const isSelected = selectionOf(spec, namespace)
  if (shareByLabel(clusters)) return unshareServices(spec, clusters, {isSelected, namespace, exporters, importers}, run)
  const importing = await forEachContext(importers, context =>
    readImporting(clusterOf(context)!, spec, {manager: run.access.manager, trustLabels: run.write.trustLabels}),
  )

  for (const {name, unrecorded, set} of importing) reportUnrecorded(name, unrecorded, run, set.contains ?? true)
  if (!run.write.trustLabels) refuseLost(importing)
  const after = importing.map(({imports}) => imports)
  reportFindings(runChecks(importChecks, {importing, after, systemNamespace: spec.systemNamespace}), run)

  const hosts = withdrawnHosts(importing, exporters, isSelected)
  const [from, where] = [[...exporters].join(', '), importing.map(({name}) => name).join(', ')]
  const interrupted = importing.flatMap(interruptedRemovals)
  if (hosts.size === 0 && interrupted.length === 0) {
    if (!spec.all) {
      refuseForeign(importing, globalHost({name: spec.name!, namespace}))
      const what = `import of Service ${namespace}/${spec.name} from ${from}`
      const existing = new Set(importing.flatMap(({imports}) => imports).map(globalHost))
      return reportAbsent({what, where, plural: 'imports', existing: [...existing]}, run)
    }
    run.terminal.message(`${where}: nothing is imported from ${from}; nothing to do`)
    return exitCodes.ok
  }
  const question =
    hosts.size === 0
      ? `Remove what an interrupted run has left in ${where}?`
      : `Stop importing ${[...hosts].join(', ')} from ${from} in ${where}?`
  const changes = importing.map(one => ({
    importing: one,
    imports: planImports(one, [], service => isSelected(service) && exporters.has(service.cluster)).imports,
  }))
  return applyImports(spec, changes, hosts.union(new Set(interrupted.filter(Boolean))), question, run)
}

/** @throws MeshError (exit 3) if the record of a cluster is missing: its imports would not be found */
function refuseLost(importing: readonly ImportingCluster[]): void {
  const problems = importing
    .filter(({lost}) => lost.length > 0)
    .map(({name, set, hasParent}) => ({
      message: `${name}: ConfigMap ${set.name} in namespace ${set.namespace}, the record of the imports above, ${hasParent ? 'lists none of them' : 'is missing'}; nothing was removed`,
      hints: ['run kubectl mesh service export to list them again, or add --trust-labels to remove them'],
    }))
  if (problems.length > 0) throw new MeshError(problems, exitCodes.refused)
}

/** @throws MeshError (exit 3) if a ServiceEntry of another owner in a system namespace has the host */
function refuseForeign(importing: readonly ImportingCluster[], host: string): void {
  const entries = importing.flatMap(({name, foreignEntries, invalid}) =>
    [...foreignEntries, ...invalid]
      .filter(
        ({spec, metadata}) => ((spec ?? {}) as {hosts?: string[]}).hosts?.includes(host) || metadata.name === host,
      )
      .map(entry => ({
        about: `${name}: ServiceEntry ${entry.metadata.namespace}/${entry.metadata.name}`,
        // The warning about an invalid import has its own hint.
        hints: invalid.includes(entry) ? [] : ['remove it with the tool that created it'],
      })),
  )
  const [first] = entries
  if (first !== undefined)
    throw refusedError(
      `${first.about} has the host ${host}, but is no import of kubectl-mesh, and is not removed`,
      ...first.hints,
    )
}

/** Which services are withdrawn: one by its name, or all, optionally only those of a namespace. */
function selectionOf(spec: ServiceUnexport, namespace: string): IsSelected {
  if (!spec.all) return service => service.name === spec.name && service.namespace === namespace
  return service => spec.namespace === undefined || service.namespace === spec.namespace
}

/** Hosts of the selected services that the exporters export. */
function withdrawnHosts(
  importing: readonly ImportingCluster[],
  exporters: ReadonlySet<string>,
  isSelected: IsSelected,
): Set<string> {
  return new Set(
    importing
      .flatMap(({imports}) => imports)
      .filter(one => isSelected(one) && Object.keys(one.exporters).some(cluster => exporters.has(cluster)))
      .map(globalHost),
  )
}
