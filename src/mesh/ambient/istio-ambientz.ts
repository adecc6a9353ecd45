import {isMap, parseJson} from '../../text/json.ts'

/** What an istiod sends ztunnels about other networks. */
export interface AmbientIndex {
  /** Addresses of gateways, by network. */
  gateways: ReadonlyMap<string, ReadonlySet<string>>
  /** Services with workloads behind the gateway of a network, as `NAMESPACE/HOST`, by network. */
  services: ReadonlyMap<string, ReadonlySet<string>>
  /** Details of Services, by `NAMESPACE/HOST`. */
  details: ReadonlyMap<string, AmbientService>
}

/** What an istiod sends ztunnels about one Service. */
export interface AmbientService {
  /** Virtual addresses, encoded as istiod shows them, by network; '' for none. */
  addresses: ReadonlyMap<string, ReadonlySet<string>>
  /** SPIFFE IDs of its workloads in other networks. */
  identities: ReadonlySet<string>
  /** How many workloads the gateway of each other network stands for. */
  capacity: ReadonlyMap<string, number>
  /** Its single workloads, by cluster, each as `ns/NAMESPACE/sa/ACCOUNT`, the end of its SPIFFE ID. */
  workloads: ReadonlyMap<string, readonly string[]>
}

/**
 * Parses istiod's `/debug/ambientz`. The unique IDs of workloads contain all that is needed: `NetworkGateway/NETWORK/ADDRESS/PORT`
 * and `NETWORK/SplitHorizonWorkload/NAMESPACE/GATEWAY/ADDRESS/NAMESPACE/HOST` (pilot/pkg/serviceregistry/ambient, 1.31; it is no API).
 *
 * @throws Error for another shape
 */
export function readAmbientz(body: string): AmbientIndex {
  const ids = workloadsIn(body).map(({uid}) => uid)
  return {
    details: readDetails(body),
    gateways: grouped(ids, ([kind, network, address]) =>
      kind === 'NetworkGateway' && network !== undefined && address !== undefined ? [network, address] : undefined,
    ),
    services: grouped(ids, ([network = '', kind, , , , namespace, host]) =>
      kind === 'SplitHorizonWorkload' && host !== undefined ? [network, `${namespace}/${host}`] : undefined,
    ),
  }
}

interface ShownService {
  namespace?: unknown
  hostname?: unknown
  addresses?: {network?: string; address?: string}[]
  subjectAltNames?: string[]
}

/** The fields of an istio.workload.Service that `verify` compares, as istiod shows them (workload.proto, 1.31). */
function readDetails(body: string): Map<string, AmbientService> {
  const {services} = (parseJson(body) ?? {}) as {services?: unknown}
  const workloads = workloadsIn(body)
  const all = (Array.isArray(services) ? services : []) as (ShownService | null)[]
  return new Map(
    all.flatMap(service => {
      const {namespace, hostname, addresses = [], subjectAltNames = []} = service ?? {}
      if (typeof namespace !== 'string' || typeof hostname !== 'string') return []
      const name = `${namespace}/${hostname}`
      const own = workloads.filter(one => one.services.has(name))
      const byNetwork = Map.groupBy(addresses, ({network = ''}) => network)
      const details: AmbientService = {
        addresses: new Map(
          [...byNetwork].map(([network, some]) => [network, new Set(some.map(({address = ''}) => address))]),
        ),
        identities: new Set(subjectAltNames),
        capacity: capacities(own),
        workloads: identitiesByCluster(own),
      }
      return [[name, details] as const]
    }),
  )
}

function isSplitHorizon({uid}: ShownWorkload): boolean {
  return uid.split('/')[1] === 'SplitHorizonWorkload'
}

function capacities(workloads: readonly ShownWorkload[]): Map<string, number> {
  const byNetwork = Map.groupBy(workloads.filter(isSplitHorizon), ({uid}) => uid.split('/')[0] ?? '')
  return new Map(
    [...byNetwork].map(([network, some]) => [network, some.reduce((sum, {capacity}) => sum + capacity, 0)]),
  )
}

function identitiesByCluster(workloads: readonly ShownWorkload[]): Map<string, string[]> {
  const single = workloads.filter(one => !isSplitHorizon(one))
  return new Map(
    [...Map.groupBy(single, ({cluster}) => cluster)].map(([cluster, some]) => [cluster, some.map(one => one.identity)]),
  )
}

/** The workloads of a Service in another network, as one endpoint behind its gateway. */
export interface RemoteWorkloads {
  /** `NAMESPACE/NAME`. */
  service: string
  network: string
  /** Address of the gateway. */
  address: string
  /** How many workloads it stands for. */
  capacity: number
}

/**
 * Parses the workloads of other networks in istiod's `/debug/ambientz`. Without a capacity, an endpoint counts as one workload
 * (workload.proto, 1.31).
 *
 * @throws Error for another shape
 */
export function readRemoteWorkloads(body: string): RemoteWorkloads[] {
  return workloadsIn(body).flatMap(({uid, capacity}) => {
    const [network = '', kind, , , address, namespace, host] = uid.split('/')
    if (kind !== 'SplitHorizonWorkload' || address === undefined || host === undefined) return []
    const [name = ''] = host.split('.')
    return [{service: `${namespace}/${name}`, network, address, capacity}]
  })
}

interface ShownWorkload {
  uid: string
  capacity: number
  cluster: string
  /** `ns/NAMESPACE/sa/ACCOUNT`. */
  identity: string
  services: ReadonlySet<string>
}

/** @throws Error for a page without workloads */
function workloadsIn(body: string): ShownWorkload[] {
  const {workloads} = (parseJson(body) ?? {}) as {workloads?: unknown}
  if (!Array.isArray(workloads)) throw new Error('has no list of workloads')
  return workloads.flatMap((one: Record<string, unknown> | null) => {
    const {uid, capacity, clusterId, namespace, serviceAccount, services} = one ?? {}
    if (typeof uid !== 'string') return []
    return [
      {
        uid,
        capacity: typeof capacity === 'number' ? capacity : 1,
        cluster: String(clusterId ?? ''),
        identity: `ns/${String(namespace ?? '')}/sa/${String(serviceAccount ?? '')}`,
        services: new Set(isMap(services) ? Object.keys(services) : []),
      },
    ]
  })
}

function grouped(
  ids: readonly string[],
  entryOf: (parts: readonly string[]) => [network: string, value: string] | undefined,
): Map<string, Set<string>> {
  const result = new Map<string, Set<string>>()
  for (const id of ids) {
    const entry = entryOf(id.split('/'))
    if (entry) result.set(entry[0], (result.get(entry[0]) ?? new Set()).add(entry[1]))
  }
  return result
}
