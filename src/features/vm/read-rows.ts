import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {canonicalIp} from './objects.ts'
import {entrySpecOf, groupOfEntry, templateOf} from './read.ts'

/** One line of `vm list`: an entry, or a group that no machine is in. */
export interface VmRow {
  namespace: string
  /** Name of the WorkloadGroup; undefined for an entry that stands alone. */
  group: string | undefined
  /** Name of the WorkloadEntry; undefined for a group without one. */
  entry: string | undefined
  /** The machine registered itself. */
  auto: boolean
  /** What its probe says; unknown without one. */
  health: 'healthy' | 'unhealthy' | 'unknown'
  address: string | undefined
  network: string | undefined
  locality: string | undefined
  /** It is connected to istiod now; undefined where istiod keeps no account of it (an entry without a probe). */
  connected: boolean | undefined
  /** When it was seen last, or since when it is connected. */
  since: Date | undefined
  /** The istiod that it is or was connected to. */
  controlPlane: string | undefined
}

/** The rows of groups and entries, by namespace, group and address. */
export function vmRows(groups: readonly KubernetesObject[], entries: readonly KubernetesObject[]): VmRow[] {
  const rows = entries.map(entryRow)
  const empty = groups.filter(
    ({metadata}) => !rows.some(row => row.namespace === metadata.namespace && row.group === metadata.name),
  )
  return [...rows, ...empty.map(groupRow)].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}

function keyOf({namespace, group, address, entry}: VmRow): string {
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
  }
}

/** What istiod notes on an entry: annotations `istio.io/…`, condition `Healthy` (pilot/pkg/autoregistration, 1.31). */
export function entryRow(entry: KubernetesObject): VmRow {
  const {address, network, locality} = entrySpecOf(entry)
  const notes = entry.metadata.annotations ?? {}
  const [connected, gone] = [dateOf(notes['istio.io/connectedAt']), dateOf(notes['istio.io/disconnectedAt'])]
  return {
    namespace: entry.metadata.namespace ?? '',
    group: groupOfEntry(entry),
    entry: entry.metadata.name,
    auto: groupOfEntry(entry) !== undefined,
    health: healthOf(entry),
    address: address === undefined ? undefined : canonicalIp(address),
    network,
    locality,
    connected: connected ? true : gone ? false : undefined,
    since: connected ?? gone,
    controlPlane: notes['istio.io/workloadController'],
  }
}

function dateOf(text: string | undefined): Date | undefined {
  const date = new Date(text ?? '')
  return Number.isNaN(date.getTime()) ? undefined : date
}

function healthOf(entry: KubernetesObject): VmRow['health'] {
  const status = entry.status as {conditions?: {type?: string; status?: string}[]} | undefined
  const condition = status?.conditions?.find(({type}) => type === 'Healthy')
  if (condition === undefined) return 'unknown'
  return condition.status === 'True' ? 'healthy' : 'unhealthy'
}
