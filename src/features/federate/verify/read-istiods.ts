import {isUnreadPage, readDebugPage, readReadyIstiods} from '../../../control-plane/read-debug-pages.ts'
import type {Cluster} from '../../../engine/cluster/cluster.ts'
import type {PodRef} from '../../../engine/cluster/pods/pods.ts'
import {type AmbientIndex, readAmbientz} from '../../../mesh/ambient/istio-ambientz.ts'
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
  /** What it sends ztunnels about other networks. Read only if the clusters have gateways of ambient mode. */
  ambient?: AmbientIndex | undefined
}

/** The state of one istiod pod, or the reason why its debug pages could not be read. */
export type ObservedIstiod = IstiodState | {pod: string; error: string}

/**
 * Reads the debug pages of every ready istiod pod of a revision, by port-forward through the API server.
 *
 * @param scope.revision resolved, not a tag
 * @param scope.ambient also read what istiod sends ztunnels
 */
export async function readIstiods(
  cluster: Cluster,
  scope: {systemNamespace: string; revision: string | undefined; ambient?: boolean},
): Promise<ObservedIstiod[]> {
  const {systemNamespace, revision = 'default', ambient = false} = scope
  const pods = await readReadyIstiods(cluster, {systemNamespace, revision})
  return Promise.all(pods.map(pod => readPages(cluster, pod, ambient)))
}

async function readPages(cluster: Cluster, pod: PodRef, isAmbient: boolean): Promise<ObservedIstiod> {
  try {
    const [clusters, gateways, hosts, ambient] = await Promise.all([
      readDebugPage(cluster, pod, 'clusterz', readClusterz),
      readDebugPage(cluster, pod, 'networkz', readNetworkz),
      readDebugPage(cluster, pod, 'endpointz', readEndpointz),
      isAmbient ? readDebugPage(cluster, pod, 'ambientz', readAmbientz) : undefined,
    ])
    return {pod: pod.name, clusters, gateways, ...hosts, ambient}
  } catch (error) {
    if (!isUnreadPage(error)) throw error
    return {pod: pod.name, error: error.message}
  }
}
