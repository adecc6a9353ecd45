/**
 * Parser for istiod's debug page `syncz`. The page is not an API. Its shape is that of istiod 1.31 (pilot/pkg/xds/debug.go),
 * or that of versions without `resources`. Any other shape is an error.
 */

/** The state of one type of configuration, as `istioctl proxy-status` derives it (pilot/pkg/xds/statusgen.go, 1.31). */
export type SyncState = 'SYNCED' | 'STALE' | 'NOT SENT' | 'ERROR'

/** One type of configuration of a proxy. */
export interface SyncedType {
  /** `CDS`, `LDS`, `RDS`, `EDS`, … */
  type: string
  state: SyncState
}

/** A proxy that is connected to an istiod. */
export interface SyncedProxy {
  /** Pod or virtual machine. */
  name: string
  namespace: string
  /** Name of its cluster: an istiod also serves the proxies of remote clusters. */
  cluster: string
  /** The types that it has subscribed to. */
  types: SyncedType[]
}

interface Resource {
  sent?: string
  acked?: string
  lastError?: string
}

type Entry = Record<string, unknown> & {
  proxy?: unknown
  cluster_id?: string
  resources?: Record<string, Resource>
}

const shortNames: Record<string, string> = {
  'envoy.config.cluster.v3.Cluster': 'CDS',
  'envoy.config.listener.v3.Listener': 'LDS',
  'envoy.config.route.v3.RouteConfiguration': 'RDS',
  'envoy.config.endpoint.v3.ClusterLoadAssignment': 'EDS',
  'envoy.config.core.v3.TypedExtensionConfig': 'ECDS',
  'envoy.extensions.transport_sockets.tls.v3.Secret': 'SDS',
}

/** The fields of versions without `resources`. */
const legacyFields = {CDS: 'cluster', LDS: 'listener', RDS: 'route', EDS: 'endpoint', ECDS: 'extensionconfig'} as const

/**
 * Parses `/debug/syncz`.
 *
 * @throws Error for another shape
 */
export function readSyncz(body: string): SyncedProxy[] {
  const list: unknown = JSON.parse(body) ?? []
  if (!Array.isArray(list)) throw new Error('is not a list')
  return list.map((entry: Entry | null) => {
    const id = entry?.proxy
    if (entry === null || typeof id !== 'string' || !id.includes('.')) throw new Error('is not a list of proxies')
    // NAME.NAMESPACE: the name of a pod may contain dots.
    const at = id.lastIndexOf('.')
    return {name: id.slice(0, at), namespace: id.slice(at + 1), cluster: entry.cluster_id ?? '', types: typesOf(entry)}
  })
}

function typesOf(entry: Entry): SyncedType[] {
  const found = entry.resources
    ? Object.entries(entry.resources).map(([url, resource]) => [shortNameOf(url), resource] as const)
    : legacyTypes(entry)
  return found.map(([type, resource]) => ({type, state: stateOf(resource)})).sort((a, b) => (a.type < b.type ? -1 : 1))
}

/** A type without any nonce is one that the proxy has not subscribed to, or that istiod has nothing to send for. */
function legacyTypes(entry: Entry): [string, Resource][] {
  const text = (key: string) => (typeof entry[key] === 'string' ? entry[key] : '')
  return Object.entries(legacyFields)
    .map(([type, key]): [string, Resource] => [type, {sent: text(`${key}_sent`), acked: text(`${key}_acked`)}])
    .filter(([, {sent}]) => sent !== '')
}

function shortNameOf(url: string): string {
  const name = url.slice(url.lastIndexOf('/') + 1)
  return shortNames[name] ?? name
}

function stateOf({sent = '', acked = '', lastError = ''}: Resource): SyncState {
  if (lastError !== '') return 'ERROR'
  if (sent === '') return 'NOT SENT'
  return sent === acked ? 'SYNCED' : 'STALE'
}
