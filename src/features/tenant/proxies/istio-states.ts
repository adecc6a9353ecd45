import type {Tenant} from '../istio.ts'
import {isConnectedTo, type PodFacts} from '../istio-pods.ts'
import type {SyncedProxy, SyncedType, SyncState} from './istio-syncz.ts'

/** What the debug pages of a tenant's ready istiods show. */
export interface ObservedProxies {
  istiods: {pod: string; proxies: SyncedProxy[]}[]
  /** Why the pages of other istiods could not be read. */
  unread: string[]
}

/** A proxy of a tenant and its connection. The keys are those of `-o json`. */
export interface ProxyRow {
  /** `NAMESPACE/POD`, or `NAMESPACE/NAME` of a virtual machine. */
  proxy: string
  /** Name of its cluster, as istiod reports it. */
  cluster: string | undefined
  /** Pod of the istiod that serves it. */
  istiod: string | undefined
  /** The worst state of its types, `DISCONNECTED`, or `UNKNOWN` if an istiod is not ready or could not be asked. */
  state: SyncState | 'DISCONNECTED' | 'UNKNOWN'
  /** The state of each type of configuration. */
  types: SyncedType[]
}

/**
 * Returns the proxies that are connected to a tenant's istiods, and the running pods that its injector configured for them
 * and that are not connected. Without the debug pages, these pods are the only rows, and their state is unknown.
 *
 * @param observed undefined if no istiod is ready
 */
export function proxyRows(
  tenant: Tenant,
  pods: readonly PodFacts[],
  observed: ObservedProxies | undefined,
): ProxyRow[] {
  const {istiods, unread} = observed ?? {istiods: [], unread: []}
  const isPod = (proxy: SyncedProxy) => pods.some(({namespace, name}) => nameOf(proxy) === `${namespace}/${name}`)
  const connected = istiods.flatMap(({pod, proxies}) =>
    // Clients of the debug interface, such as istioctl, are connected too. They subscribe to nothing.
    proxies.filter(proxy => proxy.types.length > 0 || isPod(proxy)).map(proxy => rowOf(proxy, pod)),
  )
  // An istiod that is not ready may still serve proxies.
  const isKnown = istiods.length > 0 && unread.length === 0 && tenant.ready >= tenant.replicas
  const known = new Set(connected.map(({proxy}) => proxy))
  const others = pods
    .filter(pod => isConnectedTo(pod, tenant) && (pod.running || !isKnown))
    .map(({namespace, name}) => `${namespace}/${name}`)
    .filter(proxy => !known.has(proxy))
    .map(
      (proxy): ProxyRow => ({
        ...{proxy, cluster: undefined, istiod: undefined, types: []},
        state: isKnown ? 'DISCONNECTED' : 'UNKNOWN',
      }),
    )
  return [...connected, ...others].sort((a, b) => (a.proxy < b.proxy ? -1 : 1))
}

function nameOf({namespace, name}: SyncedProxy): string {
  return `${namespace}/${name}`
}

function rowOf(proxy: SyncedProxy, istiod: string): ProxyRow {
  const {cluster, types} = proxy
  return {proxy: nameOf(proxy), cluster, istiod, state: worstOf(types), types}
}

/** A proxy needs listeners and clusters. The other types are not sent while there is nothing to send. */
function worstOf(types: readonly SyncedType[]): SyncState {
  const has = (state: SyncState) => types.some(type => type.state === state)
  if (has('ERROR')) return 'ERROR'
  if (has('STALE')) return 'STALE'
  return has('SYNCED') ? 'SYNCED' : 'NOT SENT'
}

/** Whether the proxy is connected, according to the debug pages. Without them, a pod that the injector configured counts. */
export function isConnected({state}: ProxyRow): boolean {
  return state !== 'DISCONNECTED'
}

/** The types that are not in sync: `LDS STALE, RDS ERROR`. Empty if all are, or if istiod had nothing to send. */
export function unsyncedTypes({types}: ProxyRow): string {
  return types
    .filter(({state}) => state === 'STALE' || state === 'ERROR')
    .map(({type, state}) => `${type} ${state}`)
    .join(', ')
}
