import {type ExitCode, refusedError} from '../../../errors.ts'
import type {ServiceCluster} from '../../../mesh/services/read.ts'
import {changeClusters} from '../../../run/change-clusters.ts'
import type {Run} from '../../../run/run.ts'
import {asServerDryRun} from '../contexts.ts'
import {buildSharing, stubApplySet} from './objects.ts'
import type {ClusterSharing} from './plan.ts'
import {formatSharingReport} from './report.ts'

/**
 * Returns whether clusters share Services by a label, because their pods run in ambient mode.
 *
 * @throws MeshError (exit 3) if only some of them do
 */
export function shareByLabel(clusters: readonly ServiceCluster[]): boolean {
  const ambient = clusters.filter(({isAmbient}) => isAmbient).map(({name}) => name)
  if (ambient.length === 0) return false
  const others = clusters.filter(({isAmbient}) => !isAmbient).map(({name}) => name)
  if (others.length === 0) return true
  throw refusedError(
    `pods of ${ambient.join(', ')} run in ambient mode, those of ${others.join(', ')} do not: Istio has no path between them`,
    'join them with the same data plane first: kubectl mesh federate --data-plane sidecar, or --data-plane ambient',
  )
}

/**
 * Asks for confirmation, changes the clusters and prints the results.
 *
 * @throws MeshError for conflicts and for writes that failed (exit 3 or 4)
 */
export async function applySharing(
  place: {systemNamespace: string},
  clusters: readonly ClusterSharing[],
  question: string,
  run: Run,
): Promise<ExitCode> {
  const changes = clusters.map(one => changeOf(place, one))
  const {exit} = await changeClusters(changes, {question}, asServerDryRun(run), outcomes =>
    run.terminal.print(formatSharingReport(clusters, outcomes, run.write.output)),
  )
  return exit
}

/** The changes of one cluster, with the objects that were just read. */
export function changeOf({systemNamespace}: {systemNamespace: string}, one: ClusterSharing) {
  const {cluster, name, services} = one.sharing
  return {
    cluster,
    name,
    changes: buildSharing({cluster: name, systemNamespace}, one),
    set: stubApplySet({systemNamespace}),
    known: [...one.after.keys()].flatMap(key => services.get(key) ?? []),
  }
}
