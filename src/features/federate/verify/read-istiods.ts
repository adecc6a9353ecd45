import type {Cluster} from '../../../engine/cluster/cluster.ts'
import {UnreachableError} from '../../../engine/cluster/errors.ts'
import {revisionLabel} from '../../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {messageOf} from '../../../errors.ts'
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

/** The part of istiod's HTTP port that is bound to its pod's loopback: the debug pages (istio.io, "Ports used by Istio"). */
const debugPort = 8080

/**
 * Reads the debug pages of every ready istiod pod of a revision, by port-forward through the API server.
 *
 * @param scope.revision resolved, not a tag
 */
export async function readIstiods(
  cluster: Cluster,
  scope: {systemNamespace: string; revision: string | undefined},
): Promise<ObservedIstiod[]> {
  const {systemNamespace: namespace, revision = 'default'} = scope
  const pods = await cluster.list(
    {apiVersion: 'v1', kind: 'Pod'},
    {namespace, labelSelector: `app=istiod,${revisionLabel}=${revision}`},
  )
  return Promise.all(pods.filter(isReady).map(({metadata: {name}}) => readPages(cluster, {namespace, name})))
}

function isReady({metadata, status}: KubernetesObject): boolean {
  const conditions = (status as {conditions?: {type: string; status: string}[]} | undefined)?.conditions ?? []
  return !metadata.deletionTimestamp && conditions.some(({type, status}) => type === 'Ready' && status === 'True')
}

async function readPages(cluster: Cluster, pod: {namespace: string; name: string}): Promise<ObservedIstiod> {
  try {
    const [clusters, gateways, hosts] = await Promise.all([
      readPage(cluster, pod, 'clusterz', readClusterz),
      readPage(cluster, pod, 'networkz', readNetworkz),
      readPage(cluster, pod, 'endpointz', readEndpointz),
    ])
    return {pod: pod.name, clusters, gateways, ...hosts}
  } catch (error) {
    if (!(error instanceof PageError || error instanceof UnreachableError)) throw error
    return {pod: pod.name, error: error.message}
  }
}

async function readPage<T>(
  cluster: Cluster,
  pod: {namespace: string; name: string},
  page: string,
  parse: (body: string) => T,
): Promise<T> {
  const {status, body} = await cluster.pods.read(pod, debugPort, `/debug/${page}`)
  if (status !== 200) throw new PageError(`/debug/${page} returned HTTP ${status}`)
  try {
    return parse(body)
  } catch (error) {
    throw new PageError(`/debug/${page} ${messageOf(error)}`)
  }
}

/** A debug page was refused, or has another shape than expected. */
class PageError extends Error {}
