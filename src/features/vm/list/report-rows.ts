import {type KubernetesObject, type ObjectRef, refKey, refOf} from '../../../engine/kubernetes/object.ts'
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
  /** When the token that was issued last for the VM expires. Undefined if it is unknown. */
  tokenExpires: Date | undefined
  /** When the entry or group was created. */
  created: string | undefined
}

/** When the token of a VM expires, and the objects of the VM by `refKey`. */
export interface RowToken {
  expires: Date | undefined
  workloads: ReadonlySet<string>
}

/** The rows of groups and entries, sorted by namespace, group and address. */
export function vmRows(
  groups: readonly KubernetesObject[],
  entries: readonly KubernetesObject[],
  tokens: readonly RowToken[],
): VmRow[] {
  const expiries = new Map(tokens.flatMap(({expires, workloads}) => [...workloads].map(key => [key, expires])))
  const rows = entries.map(entry => entryRow(entry, expiries))
  const empty = groups.filter(
    ({metadata}) => !rows.some(row => row.namespace === metadata.namespace && row.group === metadata.name),
  )
  return [...rows, ...empty.map(group => groupRow(group, expiries))].sort((a, b) =>
    sortKeyOf(a) < sortKeyOf(b) ? -1 : 1,
  )
}

/** When tokens expire, by the keys of the objects of their VMs. */
type Expiries = ReadonlyMap<string, Date | undefined>

/** A machine that registered itself is not in the record; its group is. */
function groupRefOf({metadata: {namespace = ''}}: KubernetesObject, name: string): ObjectRef {
  return {apiVersion: 'networking.istio.io/v1', kind: 'WorkloadGroup', namespace, name}
}

function sortKeyOf({namespace, group, address, entry}: VmRow): string {
  return [namespace, group ?? '', address ?? '', entry ?? ''].join('\0')
}

function groupRow(group: KubernetesObject, expiries: Expiries): VmRow {
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
    tokenExpires: expiries.get(refKey(refOf(group))),
    created: group.metadata.creationTimestamp,
  }
}

function entryRow(entry: KubernetesObject, expiries: Expiries): VmRow {
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
    tokenExpires: expiries.get(refKey(group === undefined ? refOf(entry) : groupRefOf(entry, group))),
    created: entry.metadata.creationTimestamp,
  }
}
