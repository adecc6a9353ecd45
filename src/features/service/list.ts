import {type ExitCode, exitCodes} from '../../errors.ts'
import {readServiceImport} from '../../mesh/services/objects.ts'
import {readImports} from '../../mesh/services/read-imports.ts'
import type {ReadRun} from '../../run/run.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {forEachContext, openClusters} from './read.ts'
import {formatServiceList, type ListedImport} from './report-list.ts'
import {serviceListFields} from './spec.ts'

/** Shows which services some clusters import, from whom and where to. Only reads. */
export async function listServices(raw: RawSpec<typeof serviceListFields>, run: ReadRun): Promise<ExitCode> {
  const spec = readSpec(serviceListFields, raw)
  const contexts = spec.contexts.length > 0 ? spec.contexts : [run.access.kubeconfig.currentContext]
  const bases = await openClusters(run.access, contexts, spec)
  const all = await forEachContext([...new Set(contexts)], async context => {
    const base = bases.find(one => one.context === context) ?? bases[0]!
    const entries = await readImports(base.cluster, spec)
    return entries.map(
      (entry): ListedImport => ({
        importer: base.name,
        imported: readServiceImport(entry),
        since: new Date(entry.metadata.creationTimestamp ?? 0),
      }),
    )
  })
  if (run.output === undefined && all.flat().length === 0) {
    run.terminal.message(`${bases.map(({name}) => name).join(', ')}: no imported services`)
    return exitCodes.ok
  }
  run.terminal.print(formatServiceList(all.flat(), new Date(), run.output))
  return exitCodes.ok
}
