/**
 * What istiod says of itself on its debug pages (port 8080, from inside its pod). They are no API: the shapes here are those
 * of 1.31 as it answered in the lab, and of pilot/pkg/xds/debug.go of 1.24–1.31; what is not of that shape is an error.
 */

/** An entry of `/debug/clusterz`: a cluster that istiod reads, itself included. */
export interface KnownCluster {
  id: string
  /** `NAMESPACE/NAME` of its Secret; empty for istiod's own cluster. */
  secretName: string
  /** `synced`, `syncing`, `timeout` or `closed`. */
  syncStatus: string
}

/** An entry of `/debug/networkz`: a gateway into a network. */
export interface KnownGateway {
  network: string
  cluster: string
  /** An IP: istiod has resolved host names. */
  address: string
  port: number
}

/** From `/debug/endpointz`: hosts (`NAME.NAMESPACE.svc.DOMAIN`) that have endpoints, by the cluster that these are in. */
export type KnownEndpoints = ReadonlyMap<string, ReadonlySet<string>>

/** What `/debug/endpointz` says. */
export interface KnownHosts {
  endpoints: KnownEndpoints
  /** Hosts of ServiceEntries that have endpoints. */
  external: ReadonlySet<string>
}

/** Reads `/debug/clusterz`. Throws Error when it has another shape. */
export function readClusterz(body: string): KnownCluster[] {
  return listIn(body).map(entry => {
    const {id, secretName, syncStatus} = entry as Partial<KnownCluster>
    if (typeof id !== 'string' || typeof syncStatus !== 'string') throw new Error('is not a list of clusters')
    return {id, secretName: secretName ?? '', syncStatus}
  })
}

/** Reads `/debug/networkz`; the list is `null` while there is no gateway. Throws Error when it has another shape. */
export function readNetworkz(body: string): KnownGateway[] {
  return listIn(body).map(entry => {
    const {Network, Cluster, Addr, Port} = entry as {Network?: string; Cluster?: string; Addr?: string; Port?: number}
    if (typeof Network !== 'string' || typeof Addr !== 'string') throw new Error('is not a list of gateways')
    return {network: Network, cluster: Cluster ?? '', address: Addr, port: Port ?? 0}
  })
}

/**
 * Reads `/debug/endpointz`: `{HOST: {NAMESPACE: {Shards: {"Kubernetes/CLUSTER": [endpoint]}}}}`; the shard of a ServiceEntry is
 * `External/CLUSTER`. Throws Error when it has another shape.
 */
export function readEndpointz(body: string): KnownHosts {
  const hosts: unknown = JSON.parse(body)
  if (typeof hosts !== 'object' || hosts === null || Array.isArray(hosts)) throw new Error('is not a map of hosts')
  const byCluster = new Map<string, Set<string>>()
  const external = new Set<string>()
  for (const [host, namespaces] of Object.entries(hosts as Hosts))
    for (const {Shards} of Object.values(namespaces ?? {}))
      for (const [shard, endpoints] of Object.entries(Shards ?? {})) {
        const [registry, cluster] = splitAtFirst(shard)
        if (!endpoints || endpoints.length === 0) continue
        if (registry === 'External') external.add(host)
        if (registry === 'Kubernetes') byCluster.set(cluster, (byCluster.get(cluster) ?? new Set()).add(host))
      }
  return {endpoints: byCluster, external}
}

type Hosts = Record<string, Record<string, {Shards?: Record<string, unknown[] | null> | null}> | null>

function listIn(body: string): object[] {
  const list: unknown = JSON.parse(body) ?? []
  if (!Array.isArray(list) || list.some(entry => typeof entry !== 'object' || entry === null))
    throw new Error('is not a list')
  return list as object[]
}

function splitAtFirst(shard: string): [string, string] {
  const at = shard.indexOf('/')
  return at < 0 ? [shard, ''] : [shard.slice(0, at), shard.slice(at + 1)]
}
