import {isUnreadPage, readDebugPage, readReadyIstiods} from '../../../control-plane/read-debug-pages.ts'
import type {Cluster} from '../../../engine/cluster/cluster.ts'
import type {PodRef} from '../../../engine/cluster/pods.ts'
import {
  type KnownCluster,
  type KnownGateway,
  type KnownHosts,
  readClusterz,
  readEndpointz,
  readNetworkz,
} from './istio-debug-pages.ts'

/** The state of one istiod pod from its debug pages. */
export interface IstiodState extends KnownHosts {
  pod: string
  error?: undefined
  clusters: KnownCluster[]
  gateways: KnownGateway[]
}

/** The state of one istiod pod, or the reason why its debug pages could not be read. */
export type ObservedIstiod = IstiodState | {pod: string; error: string}

/**
 * Reads the debug pages of every ready istiod pod of a revision, by port-forward through the API server.
 *
 * @param scope.revision resolved, not a tag
 */
export async function readIstiods(
  cluster: Cluster,
  scope: {systemNamespace: string; revision: string | undefined},
): Promise<ObservedIstiod[]> {
  const {systemNamespace, revision = 'default'} = scope
  const pods = await readReadyIstiods(cluster, {systemNamespace, revision})
  return Promise.all(pods.map(pod => readPages(cluster, pod)))
}

async function readPages(cluster: Cluster, pod: PodRef): Promise<ObservedIstiod> {
  try {
    const [clusters, gateways, hosts] = await Promise.all([
      readDebugPage(cluster, pod, 'clusterz', readClusterz),
      readDebugPage(cluster, pod, 'networkz', readNetworkz),
      readDebugPage(cluster, pod, 'endpointz', readEndpointz),
    ])
    return {pod: pod.name, clusters, gateways, ...hosts}
  } catch (error) {
    if (!isUnreadPage(error)) throw error
    return {pod: pod.name, error: error.message}
  }
}
