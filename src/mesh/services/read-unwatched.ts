import type {Cluster} from '../../engine/cluster/cluster.ts'
import type {ControlPlane} from '../../istio/control-plane.ts'
import {isDiscovered} from '../../istio/selectors.ts'

/**
 * Returns the namespaces that istiod does not watch. Their labels are read only if it has discoverySelectors.
 *
 * @throws UnreachableError, ApiError
 */
export async function unwatchedAmong(
  namespaces: readonly string[],
  {cluster, controlPlane}: {cluster: Cluster; controlPlane: ControlPlane | undefined},
): Promise<string[]> {
  const selectors = controlPlane?.discoverySelectors ?? []
  if (selectors.length === 0) return []
  const read = (name: string) => cluster.get({apiVersion: 'v1', kind: 'Namespace', name})
  const labels = await Promise.all(namespaces.map(async name => (await read(name))?.metadata.labels ?? {}))
  return namespaces.filter((_, at) => !isDiscovered(selectors, labels[at]!))
}
