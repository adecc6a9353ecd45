import type {Cluster} from '../../engine/cluster/cluster.ts'
import {applySetId, partOfLabel} from '../../engine/kubernetes/applyset.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {servicesApplySet} from './objects.ts'

/**
 * Lists the ServiceEntries that `mesh service export` created in a cluster.
 *
 * @throws UnreachableError, ApiError
 */
export function readImports(
  cluster: Cluster,
  scope: {systemNamespace: string; revision: string | undefined},
): Promise<KubernetesObject[]> {
  return cluster.list(
    {apiVersion: 'networking.istio.io/v1', kind: 'ServiceEntry'},
    {namespace: scope.systemNamespace, labelSelector: `${partOfLabel}=${applySetId(servicesApplySet(scope))}`},
  )
}
