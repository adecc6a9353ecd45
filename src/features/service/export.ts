import {contextInfo} from '../../engine/kubeconfig/kubeconfig.ts'
import {type ExitCode, exitCodes} from '../../errors.ts'
import {runChecks} from '../../findings/check.ts'
import {forEachContext} from '../../mesh/contexts/for-each.ts'
import {globalHost} from '../../mesh/services/objects.ts'
import {readExporting, type ServiceChoice} from '../../mesh/services/read.ts'
import {readImporting} from '../../mesh/services/read-importing.ts'
import {refuseClientDryRun} from '../../run/dry-run.ts'
import {reportFindings} from '../../run/report-findings.ts'
import {reportLost, reportUnrecorded} from '../../run/report-unrecorded.ts'
import type {Run} from '../../run/run.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {shareServices} from './ambient/export.ts'
import {shareByLabel} from './ambient/share.ts'
import {applyImports} from './apply-imports.ts'
import {serviceExportChecks} from './checks.ts'
import {withContexts} from './contexts.ts'
import {planExports} from './plan-exports.ts'
import {openClusters} from './read.ts'
import {exporterRights, importerRights} from './rights.ts'
import {type ServiceExport, serviceExportFields, validateServiceExport} from './spec.ts'
import {watchExports} from './watch.ts'

/**
 * Exports services of some clusters to others, as NAME.NAMESPACE.global. In ambient mode they keep their names.
 *
 * @throws MeshError for invalid input (exit 2), for findings that prevent the change (exit 3), and for writes that failed
 *   (exit 3 or 4)
 */
export async function exportServices(raw: RawSpec<typeof serviceExportFields>, run: Run): Promise<ExitCode> {
  const spec = withContexts(
    readSpec(serviceExportFields, raw, input => validateServiceExport(withContexts(input, run))),
    run,
  )
  refuseClientDryRun(run)
  if (spec.watch) return watchExports(spec, run)
  const choice = choiceOf(spec, run)
  const importers = spec.to.length > 0 ? spec.to : spec.contexts
  const clusters = await openClusters(run.access, [...spec.contexts, ...importers], spec, context => [
    ...(spec.contexts.includes(context) ? exporterRights(choice, spec.systemNamespace) : []),
    ...(importers.includes(context) ? importerRights(spec.systemNamespace) : []),
  ])
  if (shareByLabel(clusters)) return shareServices(spec, choice, clusters, run)
  const clusterOf = (context: string) => clusters.find(cluster => cluster.context === context)!
  const exporting = await forEachContext(spec.contexts, context => readExporting(clusterOf(context), spec, choice))
  const importing = await forEachContext(importers, context =>
    readImporting(clusterOf(context), spec, {manager: run.access.manager, listsLost: true}),
  )

  for (const {name, unrecorded, lost, set, hasParent} of importing) {
    reportUnrecorded(name, unrecorded, run)
    reportLost(name, set, lost, run, hasParent)
  }
  const plan = planExports(exporting, importing, spec.clusterDomain, () => false)
  const named = choice.name === undefined ? undefined : {name: choice.name, namespace: choice.namespace!}
  const {systemNamespace} = spec
  const after = plan.imports.map(({imports}) => imports)
  reportFindings(runChecks(serviceExportChecks, {exporting, importing, ...plan, after, named, systemNamespace}), run)
  if (plan.offers.length === 0) {
    run.terminal.message('no selected Service can be exported; nothing to do')
    return exitCodes.ok
  }
  const hosts = new Set(plan.offers.map(globalHost))
  const question = `Export ${[...hosts].join(', ')} to ${importing.map(({name}) => name).join(', ')}?`
  const changes = importing.map((one, at) => ({importing: one, imports: plan.imports[at]!.imports}))
  return applyImports(spec, changes, hosts, question, run)
}

function choiceOf(spec: ServiceExport, run: Run): ServiceChoice {
  const namespace = spec.namespace ?? contextInfo(run.access.kubeconfig, spec.contexts[0] ?? '').namespace
  return {name: spec.name, selector: spec.selector, namespace}
}
