import {refuseClientDryRun} from '../../run/dry-run.ts'
import {type ExitCode, exitCodes} from '../../errors.ts'
import {runChecks} from '../../findings/check.ts'
import {wantedImports} from '../../mesh/services/exports.ts'
import {globalHost} from '../../mesh/services/objects.ts'
import {offersOf} from '../../mesh/services/offers.ts'
import {readExporting, readImporting, type ServiceChoice} from '../../mesh/services/read.ts'
import {changeClusters} from '../../run/change-clusters.ts'
import {reportFindings} from '../../run/report-findings.ts'
import type {Run} from '../../run/run.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {serviceExportChecks} from './checks.ts'
import {asServerDryRun, withContexts} from './contexts.ts'
import {importChange, knownIdentities} from './import-changes.ts'
import {forEachContext, openClusters} from './read.ts'
import {formatServiceReport} from './report.ts'
import {type ServiceExport, serviceExportFields, serviceExportProblems} from './spec.ts'
import {watchExports} from './watch.ts'

/** Lets services of some clusters be known in others as NAME.NAMESPACE.global. */
export async function exportServices(raw: RawSpec<typeof serviceExportFields>, run: Run): Promise<ExitCode> {
  const spec = withContexts(
    readSpec(serviceExportFields, raw, said => serviceExportProblems(withContexts(said, run))),
    run,
  )
  refuseClientDryRun(run)
  if (spec.watch) return watchExports(spec, run)
  const choice = await choiceOf(spec, run)
  const importers = spec.to.length > 0 ? spec.to : spec.contexts
  const bases = await openClusters(run.access, [...spec.contexts, ...importers], spec)
  const baseOf = (context: string) => bases.find(base => base.context === context)!
  const exporting = await forEachContext(spec.contexts, context => readExporting(baseOf(context), spec, choice))
  const importing = await forEachContext(importers, context => readImporting(baseOf(context), spec))

  const all = exporting.map(one => offersOf(one, spec.clusterDomain, knownIdentities(importing, one.name)))
  const offers = all.flatMap(one => one.offers)
  const wanted = importing.map(one => wantedImports(one, offers, () => false))
  const named = choice.name === undefined ? undefined : {name: choice.name, namespace: choice.namespace!}
  const refusals = [...all, ...wanted].flatMap(one => one.refusals)
  const notes = wanted.flatMap(one => one.notes)
  reportFindings(runChecks(serviceExportChecks, {exporting, importing, offers, refusals, notes, named}), run)
  if (offers.length === 0) {
    run.terminal.message('no Service there that can be exported; nothing to do')
    return exitCodes.ok
  }

  const wishes = importing.map((one, at) => importChange(spec, one, wanted[at]!.imports))
  const hosts = new Set(offers.map(globalHost))
  const question = `Export ${[...hosts].join(', ')} to ${importing.map(({name}) => name).join(', ')}?`
  const {exit} = await changeClusters(wishes, {question}, asServerDryRun(run), outcomes =>
    run.terminal.print(
      formatServiceReport(
        hosts,
        importing.map((one, at) => ({name: one.name, imports: wanted[at]!.imports})),
        outcomes,
        run.write.output,
      ),
    ),
  )
  return exit
}

async function choiceOf(spec: ServiceExport, run: Run): Promise<ServiceChoice> {
  const {contextInfo} = await import('../../engine/kubeconfig/kubeconfig.ts')
  const namespace = spec.namespace ?? contextInfo(run.access.kubeconfig, spec.contexts[0] ?? '').namespace
  return {name: spec.name, selector: spec.selector, namespace}
}
