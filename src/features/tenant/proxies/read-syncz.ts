import {setTimeout} from 'node:timers/promises'
import {isUnreadPage, readDebugPage, readReadyIstiods} from '../../../control-plane/read-debug-pages.ts'
import type {Cluster} from '../../../engine/cluster/cluster.ts'
import type {PodRef} from '../../../engine/cluster/pods/pods.ts'
import type {Tenant} from '../istio.ts'
import type {ObservedProxies} from './istio-states.ts'
import {readSyncz, type SyncedProxy} from './istio-syncz.ts'

/** A proxy acknowledges new configuration within this time, unless it rejects it or hangs. */
const acknowledgedWithinMs = 1500

/**
 * Asks the ready istiods of tenants for their proxies, through port-forwards to the pods. Tenants without a ready istiod are
 * missing in the result.
 *
 * @throws ApiError, UnreachableError if pods cannot be listed
 */
export async function readProxies(
  cluster: Cluster,
  tenants: readonly Tenant[],
): Promise<ReadonlyMap<Tenant, ObservedProxies>> {
  const read = await Promise.all(
    tenants
      .filter(({ready}) => ready > 0)
      .map(async tenant => [tenant, await readTenantProxies(cluster, tenant)] as const),
  )
  return new Map(read.filter(([, {istiods, unread}]) => istiods.length + unread.length > 0))
}

async function readTenantProxies(cluster: Cluster, {namespace, revision}: Tenant): Promise<ObservedProxies> {
  const pods = await readReadyIstiods(cluster, {systemNamespace: namespace, revision})
  const pages = await Promise.all(pods.map(pod => readPage(cluster, pod)))
  return {
    istiods: pages.flatMap((page, at) => (typeof page === 'string' ? [] : [{pod: pods[at]!.name, proxies: page}])),
    unread: pages.filter(page => typeof page === 'string'),
  }
}

/** The proxies of an istiod, or why they could not be read. What was just sent is read again. */
async function readPage(cluster: Cluster, pod: PodRef): Promise<SyncedProxy[] | string> {
  try {
    const proxies = await readDebugPage(cluster, pod, 'syncz', readSyncz)
    if (!proxies.some(({types}) => types.some(({state}) => state === 'STALE'))) return proxies
    await setTimeout(acknowledgedWithinMs)
    return await readDebugPage(cluster, pod, 'syncz', readSyncz)
  } catch (error) {
    if (!isUnreadPage(error)) throw error
    return error.message
  }
}
