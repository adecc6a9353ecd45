import type {Cluster} from '../../../engine/cluster/cluster.ts'
import {parseMembers} from '../../../engine/kubernetes/member-record.ts'
import {readRecords} from '../../../mesh/exported/read-records.ts'
import type {VmKey} from '../facts.ts'
import {vmOfRecord} from '../objects.ts'
import {type Machines, machinesOf} from './istio-machines.ts'
import {tokenExpiryOf} from './spec-expiry.ts'

/** What the record of a VM shows about its token. */
export interface VmToken extends VmKey {
  systemNamespace: string
  /** When the token that was issued last expires. Undefined if the record does not store it. */
  expires: Date | undefined
  /** The objects that the record lists, by `refKey`. */
  workloads: ReadonlySet<string>
}

/**
 * Reads when the tokens of all VMs of a cluster expire, from the records in its system namespaces.
 *
 * @throws ApiError, UnreachableError; MeshError (exit 3) for a record whose list is invalid
 */
export async function readVmTokens(cluster: Cluster): Promise<VmToken[]> {
  const {records} = await readRecords(cluster)
  return records.flatMap(record => {
    const vm = vmOfRecord(record)
    if (!vm) return []
    return [{...vm, expires: tokenExpiryOf(record), workloads: new Set(parseMembers(record)?.keys())}]
  })
}

/**
 * Reads the tokens of all VMs of a cluster, and whether their machines are connected.
 *
 * @throws as `readVmTokens`
 */
export async function readTokensInUse(cluster: Cluster): Promise<(VmToken & {machines: Machines})[]> {
  const tokens = await readVmTokens(cluster)
  if (tokens.every(({expires}) => expires === undefined)) return tokens.map(one => ({...one, machines: 'unknown'}))
  const entries = await cluster.list({apiVersion: 'networking.istio.io/v1', kind: 'WorkloadEntry'})
  return tokens.map(token => ({...token, machines: machinesOf(token, entries)}))
}
