import type {ControlPlaneRef} from '../../../control-plane/read.ts'
import {isSystemNamespace, unprovedRecord} from '../../../control-plane/read-proof.ts'
import {readTrustedMembership} from '../../../control-plane/trusted-membership.ts'
import type {Cluster} from '../../../engine/cluster/cluster.ts'
import {type ApplySet, applySetId} from '../../../engine/kubernetes/applyset.ts'
import {idLabel} from '../../../engine/kubernetes/applyset-parent.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import type {Membership} from '../../../engine/plan/membership.ts'
import {localityApplySet, localitySettingsRef} from './objects.ts'

/** A record of the rules of a control plane. */
export interface LocalityRecord {
  /** The revision in the name of the record. Only version 0.1.0 wrote records with one. */
  where: ControlPlaneRef
  set: ApplySet
  membership: Membership
  /** The stored settings of hosts. */
  settings: KubernetesObject | undefined
}

/** The records of a control plane, the one for new rules first. */
export type LocalityRecords = [LocalityRecord, ...LocalityRecord[]]

/**
 * Reads the records of the rules in a system namespace. All its revisions read the same rules.
 *
 * @param where the requested control plane: without a record for all revisions, that of its revision comes first
 * @throws UnreachableError, ApiError
 */
export async function readLocalityRecords(cluster: Cluster, where: ControlPlaneRef): Promise<LocalityRecords> {
  const {systemNamespace, revision} = where
  const maps = await cluster.list(
    {apiVersion: 'v1', kind: 'ConfigMap'},
    {namespace: systemNamespace, labelSelector: idLabel},
  )
  const base = localityApplySet({systemNamespace, revision: undefined}).name
  const suffixes = maps
    .filter(({metadata: {name, labels}}) => labels?.[idLabel] === applySetId({name, namespace: systemNamespace}))
    .map(({metadata: {name}}) => name)
    .filter(name => name === base || name.startsWith(`${base}-`))
    .map(name => name.slice(base.length + 1))
    .sort((a, b) => rankOf(a, revision) - rankOf(b, revision) || a.localeCompare(b))
  const [first = '', ...others] = suffixes
  const read = (suffix: string) => readRecord(cluster, {systemNamespace, revision: suffix === '' ? undefined : suffix})
  return Promise.all([read(first), ...others.map(read)])
}

function rankOf(suffix: string, revision: string | undefined): number {
  if (suffix === '') return 0
  return suffix === revision ? 1 : 2
}

async function readRecord(cluster: Cluster, where: ControlPlaneRef): Promise<LocalityRecord> {
  const set = localityApplySet(where)
  const [membership, settings] = await Promise.all([
    readTrustedMembership(cluster, set),
    cluster.get(localitySettingsRef(where)),
  ])
  // Without the record of the rules, the settings decide all the same.
  if (settings && !membership.parent && !(await isSystemNamespace(cluster, where.systemNamespace)))
    throw unprovedRecord(cluster, settings.metadata as {namespace: string; name: string}, false)
  return {where, set, membership, settings}
}
