import {runChecks} from '../../checks/check.ts'
import {serviceExportChecks} from '../../checks/service-export.ts'
import {type ExitCode, exitCodes, usageError} from '../../errors.ts'
import {offersOf} from '../../facts/service-offers.ts'
import {wantedImports} from '../../facts/service-plan.ts'
import {type ImportingCluster, readExporting, readImporting, type ServiceChoice} from '../../facts/services.ts'
import {globalHost, type ServiceImport, servicesApplySet} from '../../manifests/service-export.ts'
import {buildServiceImports} from '../../manifests/service-imports.ts'
import {formatServiceReport} from '../../output/service-report.ts'
import {type RawSpec, readSpec} from '../../specs/read.ts'
import {type ServiceExport, serviceExportFields, serviceExportProblems} from '../../specs/service-export.ts'
import {changeClusters, type Wish} from '../change-clusters.ts'
import {tell} from '../federate/read.ts'
import type {Run} from '../run.ts'
import {allOrTold, openClusters} from './read.ts'
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
  const exporting = await allOrTold(spec.contexts, context => readExporting(baseOf(context), spec, choice))
  const importing = await allOrTold(importers, context => readImporting(baseOf(context), spec))

  const all = exporting.map(one => offersOf(one, spec.clusterDomain, knownIdentities(importing, one.name)))
  const offers = all.flatMap(one => one.offers)
  const wanted = importing.map(one => wantedImports(one, offers, () => false))
  const named = choice.name === undefined ? undefined : {name: choice.name, namespace: choice.namespace!}
  const refusals = [...all, ...wanted].flatMap(one => one.refusals)
  const notes = wanted.flatMap(one => one.notes)
  tell(runChecks(serviceExportChecks, {exporting, importing, offers, refusals, notes, named}), run)
  if (offers.length === 0) {
    run.terminal.talk('no Service there that can be exported; nothing to do')
    return exitCodes.ok
  }

  const wishes = importing.map((one, at) => wishFor(spec, one, wanted[at]!.imports))
  const hosts = new Set(offers.map(globalHost))
  const question = `Export ${[...hosts].join(', ')} to ${importing.map(({name}) => name).join(', ')}?`
  const {exit} = await changeClusters(wishes, {question}, asLook(run), outcomes =>
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

/** What an importer is to become. */
export function wishFor(
  spec: Pick<ServiceExport, 'systemNamespace' | 'revision'>,
  importing: ImportingCluster,
  after: readonly ServiceImport[],
): Wish {
  const {name, cluster, imports: before, hasParent, record} = importing
  const {systemNamespace, revision} = spec
  const changes = buildServiceImports({cluster: name, systemNamespace, revision}, {before, after, hasParent, record})
  return {cluster, name, changes, set: servicesApplySet(spec)}
}

/** Identities under which others know what a cluster exports already. */
export function knownIdentities(
  importing: readonly ImportingCluster[],
  exporter: string,
): ReadonlyMap<string, readonly string[]> {
  const known = new Map<string, readonly string[]>()
  for (const {imports} of importing)
    for (const imported of imports) {
      const identities = imported.exporters[exporter]?.identities
      if (identities) known.set(globalHost(imported), identities)
    }
  return known
}

/** `--output-dir` writes files and touches no cluster. */
export function asLook(run: Run): Run {
  return run.write.outputDir === undefined ? run : {...run, write: {...run.write, dryRun: 'server'}}
}

/** Without `--contexts` it is about the current one. */
export function withContexts<S extends {contexts: string[]}>(spec: S, run: Run): S {
  const {currentContext} = run.access.kubeconfig
  return spec.contexts.length > 0 || currentContext === '' ? spec : {...spec, contexts: [currentContext]}
}

/** Ports, identities and addresses stand in the clusters and nowhere else. */
export function refuseClientDryRun(run: Run): void {
  if (run.write.dryRun === 'client')
    throw usageError(
      '--dry-run=client asks no cluster, and what is to be written stands in the clusters',
      '--dry-run=server shows the difference; with -o yaml or --output-dir the manifests',
    )
}

async function choiceOf(spec: ServiceExport, run: Run): Promise<ServiceChoice> {
  const {contextInfo} = await import('../../cluster/kubeconfig.ts')
  const namespace = spec.namespace ?? contextInfo(run.access.kubeconfig, spec.contexts[0] ?? '').namespace
  return {name: spec.name, selector: spec.selector, namespace}
}
