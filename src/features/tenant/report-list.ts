import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {ageText, type Listing} from '../../terminal/list/listing.ts'
import {formatMarked} from '../../terminal/output/marks.ts'
import {formatTable} from '../../terminal/output/table.ts'
import {namespacesOf, type TaggedNamespaces, type Tenant} from './istio.ts'
import {isConnectedTo, type PodFacts} from './istio-pods.ts'
import {isConnected, type ObservedProxies, type ProxyRow, proxyRows, unsyncedTypes} from './proxies/istio-states.ts'

/** One tenant of `mesh tenant list`. The keys are those of `-o json`. */
export interface TenantRow {
  tenant: string
  namespace: string
  revision: string
  version: string | undefined
  /** Number of istiod pods that are ready. */
  ready: number
  /** Number of istiod pods that are expected. */
  replicas: number
  /** How it was created: `istioctl`, `helm`, `sail` or `none`. Undefined if not by kubectl-mesh. */
  via: string | undefined
  /** Its selector label, `KEY=VALUE`. */
  selector: string | undefined
  /** Its application namespaces. */
  namespaces: string[]
  /** Number of pods in its application namespaces. */
  pods: number
  /** Proxies that are connected to its istiod, `NAMESPACE/POD`. */
  proxies: string[]
  /** The state of each of its proxies, including those that are not connected. */
  connections: ProxyRow[]
  /** When istiod or the record was created. */
  created: string | undefined
}

/** A proxy that is connected to an istiod that belongs to no tenant. */
export interface StrayProxy {
  /** `NAMESPACE/POD`. */
  proxy: string
  /** Address of the istiod, or its revision if the address is unknown. */
  istiod: string
}

/** The tenants of a cluster with what decides which namespaces belong to them. */
export interface ListedTenants extends TaggedNamespaces {
  tenants: readonly Tenant[]
}

/**
 * Returns one row per tenant.
 *
 * @param observed what the istiods of tenants report about their proxies (default: they were not asked)
 */
export function tenantRows(
  facts: ListedTenants,
  pods: readonly PodFacts[],
  observed: ReadonlyMap<Tenant, ObservedProxies> = new Map(),
): TenantRow[] {
  return facts.tenants.map(tenant => {
    const connections = proxyRows(tenant, pods, observed.get(tenant))
    const namespaces = namespacesOf(tenant, facts).map(({metadata}) => metadata.name)
    const {name, namespace, revision, version, ready, replicas, via, label} = tenant
    return {
      tenant: name,
      namespace,
      revision,
      version,
      ready,
      replicas,
      via,
      selector: label && `${label.key}=${label.value}`,
      namespaces,
      pods: pods.filter(pod => namespaces.includes(pod.namespace)).length,
      proxies: [...new Set(connections.filter(isConnected).map(({proxy}) => proxy))],
      connections,
      created: tenant.created,
    }
  })
}

/** Returns the running proxies that are connected to an istiod that belongs to no tenant. */
export function strayProxies({tenants}: Pick<ListedTenants, 'tenants'>, pods: readonly PodFacts[]): StrayProxy[] {
  return pods
    .filter(pod => pod.proxy?.alive && !tenants.some(tenant => isConnectedTo(pod, tenant)))
    .map(pod => ({proxy: nameOfPod(pod), istiod: pod.proxy?.istiod ?? `revision ${pod.proxy?.revision}`}))
}

function nameOfPod({namespace, name}: PodFacts): string {
  return `${namespace}/${name}`
}

/** The tenants as a listing. `-o wide` adds a table of all proxies. */
export function tenantListing(
  rows: readonly TenantRow[],
  now: Date,
  strays: readonly StrayProxy[] = [],
): Listing<TenantRow> {
  return {
    rows,
    columns: [
      {head: 'tenant', cell: ({tenant}) => tenant},
      {head: 'system namespace', cell: ({namespace}) => namespace},
      {head: 'revision', cell: ({revision}) => revision},
      {head: 'version', cell: ({version}) => version},
      {head: 'ready', cell: ({ready, replicas}) => `${ready}/${replicas}`},
      {head: 'namespaces', cell: ({namespaces}) => String(namespaces.length)},
      {head: 'pods', cell: ({pods}) => String(pods)},
      {head: 'proxies', cell: ({proxies}) => String(proxies.length)},
      {head: 'synced', cell: syncedCell},
      {head: 'age', cell: ({created}) => ageText(created, now)},
      {head: 'selector', cell: ({selector}) => selector, wide: true},
      {head: 'via', cell: ({via}) => via, wide: true},
      {head: 'application namespaces', cell: ({namespaces}) => namespaces.join(','), wide: true},
    ],
    document: items => ({tenants: items, ...(strays.length > 0 ? {strayProxies: strays} : {})}),
    item: row => row,
    name: ({tenant}) => `tenant/${tenant}`,
    namespaces: ({namespace, namespaces}) => [namespace, ...namespaces],
    state: row => (row.ready === 0 ? 'error' : unsyncedProblems(row).length > 0 ? 'warning' : undefined),
    below: (shown, wide) => {
      const warnings = [
        ...shown.flatMap(unsyncedProblems),
        ...strays.map(({proxy, istiod}) => `${proxy} is connected to ${istiod}, which belongs to no tenant`),
      ]
      return (wide ? proxyTable(shown) : '') + warnings.map(message => formatMarked('‼', {message})).join('')
    },
  }
}

/** What is wrong with the connections of a tenant's proxies. */
function unsyncedProblems({tenant, connections}: TenantRow): string[] {
  return connections.flatMap(row => {
    if (row.state === 'SYNCED' || row.state === 'UNKNOWN') return []
    if (row.state === 'DISCONNECTED') return [`${row.proxy} is not connected to an istiod of ${tenant}`]
    return [`${row.proxy} is not in sync with ${row.istiod}: ${unsyncedTypes(row) || row.state}`]
  })
}

function proxyTable(rows: readonly TenantRow[]): string {
  const all = rows.flatMap(({tenant, connections}) => connections.map(row => ({tenant, row})))
  if (all.length === 0) return ''
  const table = formatTable(
    ['proxy', 'tenant', 'state', 'out of sync', 'istiod'],
    all.map(({tenant, row}) => [row.proxy, tenant, row.state, unsyncedTypes(row) || '-', row.istiod ?? '-']),
  )
  return `\n${table}`
}

/** The number of proxies in sync: `2/3`. A dash if istiod could not be asked. */
function syncedCell({connections}: TenantRow): string {
  if (connections.length === 0 || connections.some(({state}) => state === 'UNKNOWN')) return '-'
  return `${connections.filter(({state}) => state === 'SYNCED').length}/${connections.length}`
}

/**
 * Formats a warning, as lines, about each record and control plane that no cluster-wide object proves. Commands that write
 * ignore them.
 */
export function formatUnproved({
  tenants,
  unprovedRecords,
}: {
  tenants: readonly Tenant[]
  unprovedRecords: readonly KubernetesObject[]
}): string[] {
  const unproved = [
    ...unprovedRecords.map(({metadata: {name, namespace}}) => `ConfigMap ${name} in namespace ${namespace}`),
    ...tenants
      .filter(({proved}) => !proved)
      .map(({name, namespace}) => `control plane ${name} in namespace ${namespace}`),
  ]
  return unproved.map(
    what => `warning: ${what} is ignored, because whoever administers the namespace may have created it`,
  )
}
