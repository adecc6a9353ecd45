import type {Edit} from '../../../engine/kubernetes/change.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {isDiscovered} from '../../../istio/selectors.ts'
import type {Refusal} from '../../../mesh/services/offers.ts'
import {meshPortsOf} from '../../../mesh/services/ports.ts'
import {labelHint, type Reason, unsupportedService} from '../../../mesh/services/refusals.ts'
import {buildShared, nextRecord, type RecordChange, type SharingChanges, type Stub, stubPorts} from './objects.ts'
import {readSharedRecord, type SharedRecord} from './objects-record.ts'
import type {SharingCluster} from './read.ts'

/** A Service that a cluster shares with another one. */
export interface SharedPair {
  /** `NAMESPACE/NAME`. */
  key: string
  /** Names of the clusters. */
  cluster: string
  peer: string
  record: SharedRecord
}

/** What a run shares, and what it withdraws. */
export interface SharingRequest {
  exporting: readonly SharingCluster[]
  importing: readonly SharingCluster[]
  /** The Services of an exporting cluster to share, by `NAMESPACE/NAME`. */
  selected: (cluster: SharingCluster) => ReadonlyMap<string, KubernetesObject>
  isWithdrawn: (pair: SharedPair) => boolean
  /** Whether a Service is shared because of its label for `--watch`. */
  byLabel: (service: KubernetesObject) => true | undefined
  /** Field manager of our writes. */
  manager: string
}

/** What changes in one cluster, and how its Services are shared then. */
export interface ClusterSharing extends SharingChanges {
  sharing: SharingCluster
  /** Names of the clusters that Services are shared with after the change, for those that the run concerns. */
  after: ReadonlyMap<string, readonly string[]>
}

/** The changes of all clusters. */
export interface SharingPlan {
  clusters: readonly ClusterSharing[]
  /** Services that a cluster cannot share. */
  refusals: readonly Refusal[]
}

/** A Service with the clusters that share it. */
interface Sharing {
  key: string
  exporters: readonly SharingCluster[]
  /** One of the Services, from which stubs copy their ports. */
  template: KubernetesObject
}

/**
 * Plans which Services clusters share. Sharing is mutual: `istio.io/global` makes the workloads of a Service available to all clusters
 * in which the Service has it, so both sides of each pair get it.
 */
export function planSharing(request: SharingRequest): SharingPlan {
  const {exporting, importing} = request
  const refusals: Refusal[] = []
  const refuse = (sharing: SharingCluster, key: string, reason: Reason | undefined) => {
    const [namespace = '', name = ''] = key.split('/')
    if (reason) refusals.push({namespace, name, cluster: sharing.name, ...reason})
    return reason === undefined
  }
  const added = new Map<SharingCluster, Map<string, {peers: string[]; of: Sharing}>>()
  for (const sharing of sharingsOf(request, refuse)) {
    const {key, exporters} = sharing
    const importers = importing.filter(one => exporters.includes(one) || refuse(one, key, importRefusal(one, key)))
    for (const one of new Set([...exporters, ...importers])) {
      const peers = [...(exporters.includes(one) ? importers : []), ...(importers.includes(one) ? exporters : [])]
      const names = [...new Set(peers.map(({name}) => name))].filter(name => name !== one.name)
      if (names.length > 0) added.set(one, (added.get(one) ?? new Map()).set(key, {peers: names, of: sharing}))
    }
  }
  const all = [...new Set([...exporting, ...importing])]
  return {clusters: all.map(one => changesOf(one, added.get(one) ?? new Map(), request)), refusals}
}

/** The Services that clusters can share. */
function sharingsOf(
  {exporting, selected}: SharingRequest,
  accepts: (sharing: SharingCluster, key: string, reason: Reason | undefined) => boolean,
): Sharing[] {
  const found = exporting.flatMap(cluster =>
    [...selected(cluster)].flatMap(([key, service]) =>
      accepts(cluster, key, exportRefusal(cluster, service)) ? [{key, service, cluster}] : [],
    ),
  )
  return [...Map.groupBy(found, ({key}) => key)].map(([key, all]) => ({
    key,
    exporters: all.map(({cluster}) => cluster),
    template: all[0]!.service,
  }))
}

function exportRefusal(sharing: SharingCluster, service: KubernetesObject): Reason | undefined {
  return unsupportedService(service, meshPortsOf(service)) ?? unwatched(sharing, service.metadata.namespace ?? '')
}

function importRefusal(sharing: SharingCluster, key: string): Reason | undefined {
  const [namespace = ''] = key.split('/')
  const service = sharing.services.get(key)
  return (service && unsupportedService(service, meshPortsOf(service))) ?? unwatched(sharing, namespace)
}

/** A new namespace has no labels. */
function unwatched({namespaces, controlPlane, context}: SharingCluster, namespace: string): Reason | undefined {
  const labels = namespaces.get(namespace)?.metadata.labels ?? {}
  if (isDiscovered(controlPlane?.discoverySelectors ?? [], labels)) return undefined
  return {
    reason: `cannot be shared: the labels of namespace ${namespace} match none of the discoverySelectors of istiod`,
    hint: labelHint(namespace, controlPlane, context),
  }
}

type Added = ReadonlyMap<string, {peers: readonly string[]; of: Sharing}>

function changesOf(sharing: SharingCluster, added: Added, request: SharingRequest): ClusterSharing {
  const {services, namespaces, stubs: known} = sharing
  const recorded = [...services].filter(([, service]) => readSharedRecord(service)).map(([key]) => key)
  const keys = new Set([...added.keys(), ...recorded])
  const changed = [...keys].flatMap(key => changeOf(sharing, key, added.get(key), request) ?? [])
  const stubs = changed.flatMap(({stub}) => stub ?? [])
  const removed = changed.flatMap(one => one.removed ?? [])
  const missing = stubs.map(({namespace}) => namespace).filter(namespace => !namespaces.has(namespace))
  return {
    sharing,
    stubs,
    removed,
    edits: changed.flatMap(({edit}) => edit ?? []),
    newNamespaces: [...new Set(missing)],
    keepsRecord: known.objects.some(stub => !removed.some(({metadata}) => metadata.uid === stub.metadata.uid)),
    after: new Map(changed.map(({key, peers}) => [key, peers])),
  }
}

/** The change of one Service. */
interface ServiceChange {
  key: string
  /** The clusters that it is shared with then. */
  peers: readonly string[]
  stub?: Stub
  removed?: KubernetesObject
  edit?: Edit | undefined
}

type Own = {peers: readonly string[]; of: Sharing} | undefined

/** Undefined if the run does not concern the Service. */
function changeOf(sharing: SharingCluster, key: string, own: Own, request: SharingRequest): ServiceChange | undefined {
  const {name: cluster} = sharing
  const service = sharing.services.get(key)
  const stored = service && readSharedRecord(service)
  const isWithdrawn = (peer: string) =>
    stored !== undefined && request.isWithdrawn({key, cluster, peer, record: stored})
  if (!own && !stored?.with.some(isWithdrawn)) return undefined
  const byLabel = own && request.byLabel(own.of.template)
  const change: RecordChange = {added: own?.peers ?? [], byLabel, isWithdrawn}
  const peers = nextRecord(stored, change).with
  if (service && !isStub(sharing, service, request.manager))
    return {key, peers, edit: buildShared(cluster, service, change)}
  return {key, peers, ...stubChange(key, service, own, nextRecord(stored, change))}
}

function stubChange(
  key: string,
  service: KubernetesObject | undefined,
  own: Own,
  record: SharedRecord,
): Pick<ServiceChange, 'stub' | 'removed'> {
  const template = own?.of.template ?? service
  if (record.with.length > 0 && template) return {stub: stubOf(key, template, record)}
  return service ? {removed: service} : {}
}

function stubOf(key: string, template: KubernetesObject, record: SharedRecord): Stub {
  const [namespace = '', name = ''] = key.split('/')
  return {namespace, name, ports: stubPorts(template), record: {...record, former: undefined}}
}

/** Returns whether earlier runs created a Service for clients. If its record is gone, this run lists it again. */
export function isStub({stubs}: SharingCluster, service: KubernetesObject, manager: string): boolean {
  return stubs.owns(service) || stubs.adopts(service, manager)
}
