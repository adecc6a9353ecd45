import type {ExitCode} from '../../errors.ts'
import {exitCodes, refusedError} from '../../errors.ts'
import {wantedImports} from '../../mesh/services/exports.ts'
import {globalHost} from '../../mesh/services/objects.ts'
import {readImporting} from '../../mesh/services/read.ts'
import {changeClusters} from '../../run/change-clusters.ts'
import type {Run} from '../../run/run.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {asServerDryRun, withContexts} from './contexts.ts'
import {refuseClientDryRun} from '../../run/dry-run.ts'
import {importChange} from './import-changes.ts'
import {forEachContext, openClusters} from './read.ts'
import {formatServiceReport} from './report.ts'
import {serviceUnexportFields, serviceUnexportProblems} from './spec.ts'

/**
 * Takes some exporters of services away; other exporters of the same service stay. An exporter whose name is given
 * (`--cluster-name CTX=NAME`) is not asked for it: it may be dead.
 */
export async function unexportServices(raw: RawSpec<typeof serviceUnexportFields>, run: Run): Promise<ExitCode> {
  const spec = withContexts(
    readSpec(serviceUnexportFields, raw, said => serviceUnexportProblems(withContexts(said, run))),
    run,
  )
  refuseClientDryRun(run)
  const importers = spec.to.length > 0 ? spec.to : spec.contexts
  const asked = spec.contexts.filter(context => spec.clusterName[context] === undefined)
  const bases = await openClusters(run.access, [...asked, ...importers], spec)
  const nameOf = (context: string) =>
    spec.clusterName[context] ?? bases.find(base => base.context === context)?.name ?? context
  const leaving = new Set(spec.contexts.map(nameOf))
  const importing = await forEachContext(importers, context =>
    readImporting(bases.find(base => base.context === context)!, spec),
  )
  const {contextInfo} = await import('../../engine/kubeconfig/kubeconfig.ts')
  const here = contextInfo(run.access.kubeconfig, spec.contexts[0] ?? '').namespace
  const isMeant = ({name, namespace}: {name: string; namespace: string}) =>
    spec.all
      ? spec.namespace === undefined || namespace === spec.namespace
      : name === spec.name && namespace === (spec.namespace ?? here)
  const hosts = new Set(
    importing.flatMap(({imports}) =>
      imports
        .filter(one => isMeant(one) && Object.keys(one.exporters).some(cluster => leaving.has(cluster)))
        .map(globalHost),
    ),
  )
  if (hosts.size === 0) {
    const where = importing.map(({name}) => name).join(', ')
    const from = [...leaving].join(', ')
    if (!spec.all)
      throw refusedError(
        `${where}: nothing is known of a Service ${spec.namespace ?? here}/${spec.name} of ${from}`,
        `kubectl mesh service list --contexts ${importers.join(',')}`,
      )
    run.terminal.message(`${where}: nothing is imported from ${from}; nothing to do`)
    return exitCodes.ok
  }
  const wanted = importing.map(one =>
    wantedImports(one, [], service => isMeant(service) && leaving.has(service.cluster)),
  )
  const wishes = importing.map((one, at) => importChange(spec, one, wanted[at]!.imports))
  const question = `Take ${[...hosts].join(', ')} of ${[...leaving].join(', ')} away from ${importing.map(({name}) => name).join(', ')}?`
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
