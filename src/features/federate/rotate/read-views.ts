import {isUnreadPage, readDebugPage} from '../../../control-plane/read-debug-pages.ts'
import {readAllReadyIstiods, readSecretUpdates} from '../../../control-plane/read-replicas.ts'
import type {PodRef} from '../../../engine/cluster/pods/pods.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {clusterOf} from '../plan.ts'
import {readClusterz, readEndpointCounts, readNetworkz} from '../verify/istio-debug-pages.ts'
import type {ViewPages} from './istio-view.ts'

/** The debug pages of one istiod pod, or why they could not be read. */
export type ReplicaPages =
  | {pod: string; pages: ViewPages; error?: undefined}
  | {pod: string; pages?: undefined; error: string}

/**
 * Reads the debug pages of every ready istiod pod of a cluster, by port-forward through the API server.
 *
 * @throws ApiError, UnreachableError if the pods cannot be listed
 */
export async function readReplicaPages(holder: MeshMember, systemNamespace: string): Promise<ReplicaPages[]> {
  const pods = await readAllReadyIstiods(clusterOf(holder), systemNamespace)
  return Promise.all(pods.map(pod => readPages(holder, pod)))
}

async function readPages(holder: MeshMember, pod: PodRef): Promise<ReplicaPages> {
  const cluster = clusterOf(holder)
  try {
    const [clusters, gateways, endpoints] = await Promise.all([
      readDebugPage(cluster, pod, 'clusterz', readClusterz),
      readDebugPage(cluster, pod, 'networkz', readNetworkz),
      readDebugPage(cluster, pod, 'endpointz', readEndpointCounts),
    ])
    return {pod: pod.name, pages: {clusters, gateways, endpoints}}
  } catch (error) {
    if (!isUnreadPage(error)) throw error
    return {pod: pod.name, error: error.message}
  }
}

/** Returns how many updates of remote Secrets each ready istiod has received, by pod. Pods without metrics are absent. */
export async function readUpdates(holder: MeshMember, systemNamespace: string): Promise<Map<string, number>> {
  const cluster = clusterOf(holder)
  const pods = await readAllReadyIstiods(cluster, systemNamespace)
  const counts = await Promise.all(pods.map(async pod => [pod.name, await readSecretUpdates(cluster, pod)] as const))
  return new Map(counts.flatMap(([pod, count]) => (count === undefined ? [] : [[pod, count] as const])))
}
