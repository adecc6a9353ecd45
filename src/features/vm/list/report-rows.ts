import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {
  canonicalIp,
  type EntryStatus,
  entrySpecOf,
  entryStatusOf,
  groupOfEntry,
  templateOf,
} from '../istio-workloads.ts'

/** A row of `vm list`: a WorkloadEntry, or a WorkloadGroup without entries. The keys are part of the JSON output. */
export interface VmRow extends EntryStatus {
  namespace: string
  /** Name of the WorkloadGroup. Undefined for an entry that was registered by address. */
  group: string | undefined
  /** Name of the WorkloadEntry. Undefined for a group without entries. */
  entry: string | undefined
  /** The machine registered itself. */
  auto: boolean
  address: string | undefined
  network: string | undefined
  locality: string | undefined
  /** When the entry or group was created. */
  created: string | undefined
}

/** The rows of groups and entries, sorted by namespace, group and address. */
export function vmRows(groups: readonly KubernetesObject[], entries: readonly KubernetesObject[]): VmRow[] {
  const rows = entries.map(entryRow)
  const empty = groups.filter(
    ({metadata}) => !rows.some(row => row.namespace === metadata.namespace && row.group === metadata.name),
  )
  return [...rows, ...empty.map(groupRow)].sort((a, b) => (sortKeyOf(a) < sortKeyOf(b) ? -1 : 1))
}

function sortKeyOf({namespace, group, address, entry}: VmRow): string {
  return [namespace, group ?? '', address ?? '', entry ?? ''].join('\0')
}

function groupRow(group: KubernetesObject): VmRow {
  const {network, locality} = templateOf(group)
  return {
    namespace: group.metadata.namespace ?? '',
    group: group.metadata.name,
    entry: undefined,
    auto: false,
    health: 'unknown',
    address: undefined,
    network,
    locality,
    connected: undefined,
    since: undefined,
    controlPlane: undefined,
    created: group.metadata.creationTimestamp,
  }
}

function entryRow(entry: KubernetesObject): VmRow {
  const {address, network, locality} = entrySpecOf(entry)
  const {health, ...connection} = entryStatusOf(entry)
  const group = groupOfEntry(entry)
  return {
    namespace: entry.metadata.namespace ?? '',
    group,
    entry: entry.metadata.name,
    auto: group !== undefined,
    health,
    address: address === undefined ? undefined : canonicalIp(address),
    network,
    locality,
    ...connection,
    created: entry.metadata.creationTimestamp,
  }
}
