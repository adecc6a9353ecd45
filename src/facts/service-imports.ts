import type {Cluster} from '../cluster/cluster.ts'
import {applySetId, partOfLabel} from '../manifests/applyset.ts'
import type {KubernetesObject} from '../manifests/object.ts'
import {servicesApplySet} from '../manifests/service-export.ts'

/** The ServiceEntries by which a cluster knows services of others: what `mesh service export` made there. */
export function readImports(
  cluster: Cluster,
  where: {systemNamespace: string; revision: string | undefined},
): Promise<KubernetesObject[]> {
  return cluster.list(
    {apiVersion: 'networking.istio.io/v1', kind: 'ServiceEntry'},
    {namespace: where.systemNamespace, labelSelector: `${partOfLabel}=${applySetId(servicesApplySet(where))}`},
  )
}
