/** What the namespaces of `--expose` refer to. */
export interface HostScope {
  /** Namespace of the Gateway, which `./` stands for. */
  systemNamespace: string
  clusterDomain: string
}

/**
 * Returns the host of a Gateway that stands for an entry of `--expose`: `*`, `*.suffix` or a name, without a namespace.
 * Undefined if the entry cannot be expressed.
 *
 * With TLS mode AUTO_PASSTHROUGH, istiod ignores the namespace of a host: `trade/*` exposes the Services of all namespaces
 * (istio pilot/pkg/model/gateway.go, GetSNIHostsForServer, 1.24–1.31). Only the name of a Service contains its namespace, so
 * `trade/*` becomes `*.trade.svc.cluster.local`.
 *
 * @param entry `HOST`, `NAMESPACE/HOST` or `NAMESPACE/SERVICE`
 */
export function exposedHost(entry: string, {systemNamespace, clusterDomain}: HostScope): string | undefined {
  const slash = entry.indexOf('/')
  if (slash < 0) return entry
  const [scope, host] = [entry.slice(0, slash), entry.slice(slash + 1)]
  if (scope === '*') return host
  const namespace = `${scope === '.' ? systemNamespace : scope}.svc.${clusterDomain}`
  if (/^[^.*]+$/.test(host)) return `${host}.${namespace}`
  const services = `*.${namespace}`
  if (coversHost(host, services)) return services
  return coversHost(services, host) ? host : undefined
}

/** Returns the hosts of a Gateway that stand for entries of `--expose`, each once. Entries that cannot be expressed are omitted. */
export function exposedHosts(entries: readonly string[], scope: HostScope): string[] {
  const hosts = entries.map(entry => exposedHost(entry, scope)).filter(host => host !== undefined)
  return [...new Set(hosts)]
}

/** Whether a host of a Gateway includes all hosts of another one (istio pkg/config/host/name.go, SubsetOf, 1.31). */
export function coversHost(outer: string, inner: string): boolean {
  if (outer === '*' || outer === inner) return true
  return outer.startsWith('*.') && inner.endsWith(outer.slice(1))
}

/** Returns a host of a Gateway without its namespace, as istiod reads it with TLS mode AUTO_PASSTHROUGH. */
export function withoutNamespace(host: string): string {
  return host.slice(host.indexOf('/') + 1)
}
