import type {Cluster} from '../../../engine/cluster/cluster.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {hasAmbientLabel, isZtunnel, readZtunnel, type ZtunnelSettings} from '../../../istio/ambient.ts'

/**
 * Reads the ztunnels of a cluster, if one of the namespaces is in ambient mode: most users of tenants may not list DaemonSets.
 *
 * @throws ApiError, UnreachableError
 */
export async function readZtunnels(
  cluster: Cluster,
  namespaces: readonly KubernetesObject[],
): Promise<ZtunnelSettings[]> {
  if (!namespaces.some(namespace => hasAmbientLabel(namespace, {}))) return []
  const daemonSets = await cluster.list({apiVersion: 'apps/v1', kind: 'DaemonSet'})
  return daemonSets.filter(isZtunnel).map(readZtunnel)
}
