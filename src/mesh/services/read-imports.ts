import type {Cluster} from '../../engine/cluster/cluster.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {membersOf} from '../../engine/plan/membership.ts'
import {servicesApplySet} from './objects.ts'

/**
 * Reads the ServiceEntries that `mesh service export` created in a cluster.
 *
 * @throws UnreachableError, ApiError; MeshError (exit 3) for an invalid record
 */
export async function readImports(cluster: Cluster, scope: {systemNamespace: string}): Promise<KubernetesObject[]> {
  return importEntries(await membersOf(cluster, servicesApplySet(scope)), scope)
}

/** The ServiceEntries of imports: those in the system namespace. */
export function importEntries(
  members: readonly KubernetesObject[],
  {systemNamespace}: {systemNamespace: string},
): KubernetesObject[] {
  return members.filter(({kind, metadata}) => kind === 'ServiceEntry' && metadata.namespace === systemNamespace)
}
