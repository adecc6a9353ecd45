import type {Cluster} from '../../../engine/cluster/cluster.ts'
import {idLabel} from '../../../engine/kubernetes/applyset-parent.ts'
import {parseMembers} from '../../../engine/kubernetes/member-record.ts'
import {type KubernetesObject, refKey, refOf} from '../../../engine/kubernetes/object.ts'
import {type AuthzRecord, authzRecordsIn} from './objects.ts'

/**
 * Reads the records of all authorizers in a system namespace, with one LIST.
 *
 * @throws ApiError, UnreachableError
 */
export async function readAuthzRecords(cluster: Cluster, systemNamespace: string): Promise<AuthzRecord[]> {
  const maps = await cluster.list(
    {apiVersion: 'v1', kind: 'ConfigMap'},
    {namespace: systemNamespace, labelSelector: idLabel},
  )
  return authzRecordsIn(maps, systemNamespace)
}

/** Returns whether a record of the authorizer lists an object with its UID. */
export function isRecorded(records: readonly AuthzRecord[], name: string, object: KubernetesObject): boolean {
  return records.some(record => {
    if (record.name !== name) return false
    const {uid} = parseMembers(record.parent)?.get(refKey(refOf(object))) ?? {}
    return uid !== undefined && uid === object.metadata.uid
  })
}
