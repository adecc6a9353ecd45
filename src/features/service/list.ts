import {type ExitCode, exitCodes} from '../../errors.ts'
import {forEachPlace} from '../../mesh/contexts/for-each.ts'
import {parseImports} from '../../mesh/services/parse-import.ts'
import {readImports} from '../../mesh/services/read-imports.ts'
import {blindProblems, unreadProblems} from '../../mesh/services/unread.ts'
import {type ListRun, printListing} from '../../run/list-run.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {isTable} from '../../terminal/list/list-format.ts'
import {formatWarnings} from '../../terminal/output/findings.ts'
import {listShared} from './ambient/list.ts'
import {shareByLabel} from './ambient/share.ts'
import {openClusters} from './read.ts'
import {type ListedImport, serviceListing} from './report-list.ts'
import {listRights} from './rights.ts'
import {serviceListFields} from './spec.ts'

/**
 * Lists the services that clusters import, or share in ambient mode. Changes nothing.
 *
 * @throws MeshError for invalid input (exit 2), and for clusters that cannot be read (exit 3)
 */
export async function listServices(raw: RawSpec<typeof serviceListFields>, run: ListRun): Promise<ExitCode> {
  const spec = readSpec(serviceListFields, raw)
  const contexts = spec.contexts.length > 0 ? spec.contexts : [run.access.kubeconfig.currentContext]
  const clusters = await openClusters(run.access, contexts, spec, () => listRights(spec.systemNamespace))
  if (shareByLabel(clusters)) return listShared(spec, clusters, run)
  const all = await forEachPlace(clusters, async found => {
    const {cluster, name, revision} = found
    const entries = await readImports(cluster, spec)
    const {imports, problems} = parseImports(entries)
    const all = [...problems, ...unreadProblems(entries, revision), ...blindProblems(found, spec.systemNamespace)]
    run.terminal.message(formatWarnings(all.map(one => ({...one, message: `${name}: ${one.message}`}))))
    return imports.map(
      ({entry, imported}): ListedImport => ({
        importer: name,
        imported,
        since: new Date(entry.metadata.creationTimestamp ?? 0),
      }),
    )
  })
  if (isTable(run.list) && all.flat().length === 0) {
    run.terminal.message(`${clusters.map(({name}) => name).join(', ')}: no imported services`)
    return exitCodes.ok
  }
  printListing(run, serviceListing(all.flat(), new Date()))
  return exitCodes.ok
}
