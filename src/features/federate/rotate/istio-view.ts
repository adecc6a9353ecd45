import type {EndpointCounts, KnownCluster, KnownGateway} from '../verify/istio-debug-pages.ts'

/** The state of one cluster in one istiod that reads it. */
export interface TargetView {
  /** `synced`, or another state of `/debug/clusterz`; undefined if istiod does not know the cluster. */
  status: string | undefined
  /** Addresses of the gateways of the cluster: `203.0.113.1:15443`. */
  gateways: readonly string[]
  /** Number of endpoints by host. */
  hosts: Readonly<Record<string, number>>
}

/** The debug pages of one istiod. */
export interface ViewPages {
  clusters: readonly KnownCluster[]
  gateways: readonly KnownGateway[]
  endpoints: EndpointCounts
}

/** More hosts are not kept: a record is a Secret of at most 1 MiB, and a lost cluster loses all of them. */
const maxHosts = 5000

/** Returns the state of a cluster from the debug pages of an istiod. */
export function viewOf({clusters, gateways, endpoints}: ViewPages, target: string): TargetView {
  const hosts = [...(endpoints.get(target) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1)).slice(0, maxHosts)
  return {
    status: clusters.find(({id}) => id === target)?.syncStatus,
    gateways: gateways
      .filter(({cluster}) => cluster === target)
      .map(({address, port}) => `${address}:${port}`)
      .sort(),
    hosts: Object.fromEntries(hosts),
  }
}

/** Returns what all istiods of a cluster have in common: every replica must have it again after the change. */
export function commonView(views: readonly TargetView[]): TargetView | undefined {
  const [first, ...others] = views
  if (!first) return undefined
  const hosts = Object.entries(first.hosts).map(([host, count]): [string, number] => {
    return [host, Math.min(count, ...others.map(view => view.hosts[host] ?? 0))]
  })
  return {
    status: views.find(({status}) => status !== 'synced')?.status ?? first.status,
    gateways: first.gateways.filter(gateway => others.every(view => view.gateways.includes(gateway))),
    hosts: Object.fromEntries(hosts.filter(([, count]) => count > 0)),
  }
}

/** What an istiod has lost since the baseline. */
export interface Loss {
  status: string | undefined
  gateways: string[]
  /** Hosts with fewer endpoints. */
  hosts: {host: string; before: number; now: number}[]
}

/** Returns what an istiod has lost since the baseline; undefined if it has lost nothing and is synced. */
export function lossSince(baseline: TargetView, view: TargetView): Loss | undefined {
  const gateways = baseline.gateways.filter(gateway => !view.gateways.includes(gateway))
  const hosts = Object.entries(baseline.hosts)
    .map(([host, before]) => ({host, before, now: view.hosts[host] ?? 0}))
    .filter(({before, now}) => now < before)
  const isSame = view.status === 'synced' && gateways.length === 0 && hosts.length === 0
  return isSame ? undefined : {status: view.status, gateways, hosts}
}

/** Returns a loss in words that follow `istiod POD`. */
export function lossText({status, gateways, hosts}: Loss, target: string): string {
  const [first] = hosts
  if (status === undefined) return `no longer knows cluster ${target}`
  if (status !== 'synced') return `is not synced with ${target} (${status})`
  if (first) {
    const more = hosts.length > 1 ? ` and ${hosts.length - 1} more` : ''
    return `has ${first.now} of ${first.before} endpoints of ${first.host}${more} in ${target}`
  }
  return `has lost the gateway ${gateways.join(', ')} of ${target}`
}

/** `NAME.NAMESPACE.svc.DOMAIN` → its Service; undefined for another host. */
export function serviceOfHost(host: string): {name: string; namespace: string} | undefined {
  const [name, namespace, svc] = host.split('.')
  return name && namespace && svc === 'svc' ? {name, namespace} : undefined
}
