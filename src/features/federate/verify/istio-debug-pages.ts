/**
 * Parsers for istiod's debug pages (port 8080, from inside its pod). The pages are not an API. These shapes are those that
 * istiod 1.31 returns, and those of pilot/pkg/xds/debug.go in 1.24–1.31. Any other shape is an error.
 */

/** An entry of `/debug/clusterz`: a cluster that istiod watches, its own included. */
export interface KnownCluster {
  id: string
  /** `NAMESPACE/NAME` of the remote Secret. Empty for istiod's own cluster. */
  secretName: string
  /** `synced`, `syncing`, `timeout` or `closed`. */
  syncStatus: string
}

/** An entry of `/debug/networkz`: a gateway of a network. */
export interface KnownGateway {
  network: string
  /** Empty for a gateway from `meshNetworks` of the mesh config. */
  cluster: string
  /** An IP address: istiod resolves host names. */
  address: string
  port: number
}

/** Hosts (`NAME.NAMESPACE.svc.DOMAIN`) that have endpoints, by the cluster of the endpoints. */
export type KnownEndpoints = ReadonlyMap<string, ReadonlySet<string>>

/** The hosts of `/debug/endpointz` that have endpoints. */
export interface KnownHosts {
  endpoints: KnownEndpoints
  /** Hosts of ServiceEntries. */
  external: ReadonlySet<string>
}

/**
 * Parses `/debug/clusterz`.
 *
 * @throws Error for another shape
 */
export function readClusterz(body: string): KnownCluster[] {
  return listIn(body).map(entry => {
    const {id, secretName, syncStatus} = entry as Partial<KnownCluster>
    if (typeof id !== 'string' || typeof syncStatus !== 'string') throw new Error('is not a list of clusters')
    return {id, secretName: secretName ?? '', syncStatus}
  })
}

/**
 * Parses `/debug/networkz`. The page is `null` while istiod has no gateway.
 *
 * @throws Error for another shape
 */
export function readNetworkz(body: string): KnownGateway[] {
  return listIn(body).map(entry => {
    const {Network, Cluster, Addr, Port} = entry as {Network?: string; Cluster?: string; Addr?: string; Port?: number}
    if (typeof Network !== 'string' || typeof Addr !== 'string') throw new Error('is not a list of gateways')
    return {network: Network, cluster: Cluster ?? '', address: Addr, port: Port ?? 0}
  })
}

/**
 * Parses `/debug/endpointz`: `{HOST: {NAMESPACE: {Shards: {"Kubernetes/CLUSTER": [endpoint]}}}}`. The shard of a
 * ServiceEntry is `External/CLUSTER`.
 *
 * @throws Error for another shape
 */
export function readEndpointz(body: string): KnownHosts {
  const byCluster = new Map<string, Set<string>>()
  const external = new Set<string>()
  for (const {host, registry, cluster} of filledShards(hostsIn(body))) {
    if (registry === 'External') external.add(host)
    if (registry === 'Kubernetes') byCluster.set(cluster, (byCluster.get(cluster) ?? new Set()).add(host))
  }
  return {endpoints: byCluster, external}
}

/** The number of endpoints of each host, by cluster. */
export type EndpointCounts = ReadonlyMap<string, ReadonlyMap<string, number>>

/**
 * Parses `/debug/endpointz` like `readEndpointz`, and counts the endpoints of each host.
 *
 * @throws Error for another shape
 */
export function readEndpointCounts(body: string): EndpointCounts {
  const counts = new Map<string, Map<string, number>>()
  for (const {host, registry, cluster, endpoints} of filledShards(hostsIn(body))) {
    if (registry !== 'Kubernetes') continue
    const hosts = counts.get(cluster) ?? new Map<string, number>()
    hosts.set(host, (hosts.get(host) ?? 0) + endpoints)
    counts.set(cluster, hosts)
  }
  return counts
}

type Hosts = Record<string, Record<string, {Shards?: Record<string, unknown[] | null> | null}> | null>

function hostsIn(body: string): Hosts {
  const hosts: unknown = JSON.parse(body)
  if (typeof hosts !== 'object' || hosts === null || Array.isArray(hosts)) throw new Error('is not a map of hosts')
  return hosts as Hosts
}

/** The shards that have endpoints. */
function filledShards(hosts: Hosts): {host: string; registry: string; cluster: string; endpoints: number}[] {
  return Object.entries(hosts).flatMap(([host, namespaces]) =>
    Object.values(namespaces ?? {})
      .flatMap(({Shards}) => Object.entries(Shards ?? {}))
      .flatMap(([shard, endpoints]) =>
        endpoints === null || endpoints.length === 0 ? [] : [{host, ...splitShard(shard), endpoints: endpoints.length}],
      ),
  )
}

/** Splits `REGISTRY/CLUSTER` at its first slash. */
function splitShard(shard: string): {registry: string; cluster: string} {
  const at = shard.indexOf('/')
  return at < 0 ? {registry: shard, cluster: ''} : {registry: shard.slice(0, at), cluster: shard.slice(at + 1)}
}

function listIn(body: string): object[] {
  const list: unknown = JSON.parse(body) ?? []
  if (!Array.isArray(list) || list.some(entry => typeof entry !== 'object' || entry === null))
    throw new Error('is not a list')
  return list as object[]
}
