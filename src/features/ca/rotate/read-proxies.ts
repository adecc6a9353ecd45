import type {Cluster} from '../../../engine/cluster/cluster.ts'
import {UnreachableError} from '../../../engine/cluster/errors.ts'
import {messageOf} from '../../../errors.ts'
import {goBool} from '../../../istio/istiod.ts'
import {namespaceOfIstiod, proxyVariable, readProxy} from '../../../istio/proxy.ts'
import {proxyProblem, readProxyView, secretsPath} from './istio-proxy.ts'
import type {Goal} from './istio-stages.ts'

/** A running proxy whose certificates the istiods of a cluster sign. */
export interface MeshProxy {
  namespace: string
  name: string
  /** It follows the roots that istiod sends (env PROXY_CONFIG_XDS_AGENT), and not only those of its next certificate. */
  followsRoots: boolean
}

/** Port of Envoy's admin interface, which listens on the loopback interface of the pod. */
const adminPort = 15_000

/** So many proxies are read at the same time. */
const parallel = 8

/**
 * Lists the running proxies of the istiods in a system namespace: sidecars and gateways.
 *
 * @throws ApiError, UnreachableError
 */
export async function readMeshProxies(cluster: Cluster, systemNamespace: string): Promise<MeshProxy[]> {
  const pods = await cluster.list({apiVersion: 'v1', kind: 'Pod'}, {fieldSelector: 'status.phase=Running'})
  return pods.flatMap((pod): MeshProxy[] => {
    const proxy = readProxy(pod)
    if (!proxy?.alive || (namespaceOfIstiod(proxy.istiod) ?? systemNamespace) !== systemNamespace) return []
    const followsRoots = goBool(proxyVariable(pod, 'PROXY_CONFIG_XDS_AGENT')) === true
    return [{namespace: proxy.namespace, name: proxy.pod, followsRoots}]
  })
}

/** Returns what proxies lack in a stage, as `NAMESPACE/NAME PROBLEM`. */
export async function proxyProblems(
  cluster: Cluster,
  proxies: readonly MeshProxy[],
  goal: Goal,
): Promise<{proxy: MeshProxy; problem: string}[]> {
  const left = [...proxies]
  const found: {proxy: MeshProxy; problem: string}[] = []
  const work = async () => {
    for (let proxy = left.shift(); proxy; proxy = left.shift()) {
      const problem = await problemOf(cluster, proxy, goal)
      if (problem !== undefined) found.push({proxy, problem: `${proxy.namespace}/${proxy.name} ${problem}`})
    }
  }
  await Promise.all(Array.from({length: parallel}, work))
  return found
}

async function problemOf(cluster: Cluster, proxy: MeshProxy, goal: Goal): Promise<string | undefined> {
  try {
    const {status, body} = await cluster.pods.read(proxy, adminPort, secretsPath)
    if (status !== 200) return `cannot be read: Envoy returned HTTP ${status}`
    return proxyProblem(readProxyView(body), goal)
  } catch (error) {
    if (error instanceof UnreachableError) return `cannot be read: ${messageOf(error)}`
    throw error
  }
}
