import {isUnreadPage, readDebugPage, readReadyIstiods} from '../../../control-plane/read-debug-pages.ts'
import {type ExitCode, exitCodes} from '../../../errors.ts'
import {type RemoteWorkloads, readRemoteWorkloads} from '../../../mesh/ambient/istio-ambientz.ts'
import {forEachPlace} from '../../../mesh/contexts/for-each.ts'
import type {ServiceCluster} from '../../../mesh/services/read.ts'
import {type ListRun, printListing} from '../../../run/list-run.ts'
import {isTable} from '../../../terminal/list/list-format.ts'
import {formatWarnings} from '../../../terminal/output/findings.ts'
import {readSharing} from './read.ts'
import {sharingListing} from './report-list.ts'

/**
 * Lists the Services that clusters share in ambient mode: whether each of them has the label, and what its istiods send ztunnels.
 *
 * @throws MeshError (exit 3) for clusters that cannot be read
 */
export async function listShared(
  {systemNamespace}: {systemNamespace: string},
  clusters: readonly ServiceCluster[],
  run: ListRun,
): Promise<ExitCode> {
  const listed = await forEachPlace(clusters, async base => {
    const [sharing, remote] = await Promise.all([
      readSharing(base, {systemNamespace}),
      readRemote(base, systemNamespace, run),
    ])
    return {sharing, remote}
  })
  const listing = sharingListing(listed)
  if (isTable(run.list) && listing.rows.length === 0) {
    run.terminal.message(`${clusters.map(({name}) => name).join(', ')}: no shared services`)
    return exitCodes.ok
  }
  printListing(run, listing)
  return exitCodes.ok
}

/** Any istiod of the revision knows the same. Undefined if none could be read. */
async function readRemote(
  {cluster, name, revision}: ServiceCluster,
  systemNamespace: string,
  {terminal}: ListRun,
): Promise<RemoteWorkloads[] | undefined> {
  const pods = await readReadyIstiods(cluster, {systemNamespace, revision: revision ?? 'default'})
  const problems: string[] = pods.length === 0 ? ['no istiod of the revision is ready'] : []
  for (const pod of pods)
    try {
      return await readDebugPage(cluster, pod, 'ambientz', readRemoteWorkloads)
    } catch (error) {
      if (!isUnreadPage(error)) throw error
      problems.push(`${pod.name}: ${error.message}`)
    }
  terminal.message(
    formatWarnings([
      {message: `${name}: what ztunnels know about other networks is not shown: ${problems.join('; ')}`},
    ]),
  )
  return undefined
}
