import type {ApplySet} from '../../../engine/kubernetes/applyset.ts'
import {applySetParent, applySetParentRemoval} from '../../../engine/kubernetes/applyset-parent.ts'
import type {Apply, Change, Edit, FieldEdit} from '../../../engine/kubernetes/change.ts'
import {managedByLabels} from '../../../engine/kubernetes/labels.ts'
import {type KubernetesObject, refOf} from '../../../engine/kubernetes/object.ts'
import {waves} from '../../../engine/kubernetes/waves.ts'
import {removalOf} from '../../../engine/plan/prune.ts'
import {globalServiceLabel} from '../../../istio/ambient.ts'
import {readSharedRecord, type SharedRecord, sharedAnnotation, sharedRecordText} from './objects-record.ts'

/** Returns the ApplySet of the Services that exist only for clients of a cluster. */
export function stubApplySet(place: {systemNamespace: string}): ApplySet {
  return {
    name: 'kubectl-mesh-shared-services',
    namespace: place.systemNamespace,
    kinds: [{apiVersion: 'v1', kind: 'Service'}],
  }
}

/** A Service without workloads in a cluster. Its address is what local clients connect to. */
export interface Stub {
  namespace: string
  name: string
  ports: readonly StubPort[]
  record: SharedRecord
}

/** A port of a Service, without what belongs to its own cluster: target and node ports. */
export interface StubPort {
  name?: string
  port: number
  protocol?: string
  appProtocol?: string
}

/** Returns the ports that clients of a Service connect to. */
export function stubPorts({spec}: KubernetesObject): StubPort[] {
  const {ports = []} = (spec ?? {}) as {ports?: StubPort[]}
  return ports.map(({name, port, protocol = 'TCP', appProtocol}) => ({
    ...(name === undefined ? {} : {name}),
    port,
    protocol,
    ...(appProtocol === undefined ? {} : {appProtocol}),
  }))
}

/** Where the Services of a cluster are changed. */
export interface SharingPlace {
  cluster: string
  systemNamespace: string
}

/** What changes in one cluster. */
export interface SharingChanges {
  /** Stubs to create or to change. */
  stubs: readonly Stub[]
  /** Stubs that no client needs any more. */
  removed: readonly KubernetesObject[]
  /** Edits of Services of other owners. */
  edits: readonly Edit[]
  /** Namespaces of stubs that do not exist. */
  newNamespaces: readonly string[]
  /** Whether the record of the stubs stays although the run applies none. */
  keepsRecord: boolean
}

/** Builds the changes of one cluster: its stubs with their record, and edits of the labels of existing Services. */
export function buildSharing(place: SharingPlace, changes: SharingChanges): Change[] {
  const {cluster} = place
  const {stubs, removed, edits, newNamespaces, keepsRecord} = changes
  const set = stubApplySet(place)
  const ends = removed.length > 0 && stubs.length === 0 && !keepsRecord
  return [
    ...(stubs.length > 0 ? [applySetParent(set, cluster, {cluster})] : []),
    ...newNamespaces.map(name => createNamespace(cluster, name)),
    ...stubs.map(stub => buildStub(cluster, stub)),
    ...edits,
    ...removed.map(stub => removalOf(cluster, stub, waves.exposure)),
    ...(ends ? [applySetParentRemoval(set, cluster)] : []),
  ]
}

function createNamespace(cluster: string, name: string): Edit {
  const target = {apiVersion: 'v1', kind: 'Namespace', name}
  return {action: 'edit', cluster, wave: waves.namespaces, target, edits: [], create: true}
}

/** It has no selector: pods of this cluster never become its endpoints by accident. */
function buildStub(cluster: string, {namespace, name, ports, record}: Stub): Apply {
  return {
    action: 'apply',
    cluster,
    wave: waves.exposure,
    object: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        name,
        namespace,
        labels: {...managedByLabels, [globalServiceLabel]: 'true'},
        annotations: {[sharedAnnotation]: sharedRecordText(record)},
      },
      spec: {ports: [...ports]},
    },
  }
}

/** How the record of a Service changes. */
export interface RecordChange {
  /** Clusters that the Service is shared with from now on. */
  added: readonly string[]
  byLabel?: true | undefined
  /** Whether the Service is not shared with a cluster any more. */
  isWithdrawn: (peer: string) => boolean
}

/** Returns the record of a Service after a change. A Service that was shared by name stays so when its label is removed. */
export function nextRecord(
  stored: SharedRecord | undefined,
  {added, byLabel, isWithdrawn}: RecordChange,
): SharedRecord {
  const kept = stored?.with.filter(peer => !isWithdrawn(peer)) ?? []
  const labels = [...(kept.length > 0 ? [stored?.byLabel] : []), ...(added.length > 0 ? [byLabel] : [])]
  return {
    with: [...new Set([...kept, ...added])].sort(),
    former: stored?.former,
    byLabel: labels.length > 0 && labels.every(Boolean) ? true : undefined,
  }
}

/**
 * Returns the edit of a Service that exists without kubectl-mesh: it gets the label, or its former label. Undefined if nothing
 * changes, and for a Service whose owner has set the label: it has no record.
 */
export function buildShared(cluster: string, service: KubernetesObject, change: RecordChange): Edit | undefined {
  const live = service.metadata.labels?.[globalServiceLabel]
  const stored = readSharedRecord(service)
  if (!stored && (live === 'true' || change.added.length === 0)) return undefined
  const next = nextRecord(stored, change)
  if (next.with.length === 0) {
    const restored: FieldEdit = {at: 'label', key: globalServiceLabel, value: stored?.former}
    return {...editOf(cluster, service, [...(live === 'true' ? [restored] : []), recordEdit(undefined)]), undoes: true}
  }
  if (change.added.length === 0) return editOf(cluster, service, [recordEdit(next)])
  // A label that the user has changed since has a new former value.
  const former = live === 'true' ? next.former : live
  return editOf(cluster, service, [
    {at: 'label', key: globalServiceLabel, value: 'true'},
    recordEdit({...next, former}),
  ])
}

function recordEdit(record: SharedRecord | undefined): FieldEdit {
  const value = record && sharedRecordText(record)
  return {at: 'annotation', key: sharedAnnotation, value, anyOwner: true}
}

function editOf(cluster: string, service: KubernetesObject, edits: FieldEdit[]): Edit {
  return {action: 'edit', cluster, wave: waves.exposure, target: refOf(service), edits}
}
