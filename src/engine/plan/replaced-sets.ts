import type {Cluster} from '../cluster/cluster.ts'
import {type ApplySet, applySetId} from '../kubernetes/applyset.ts'
import {idLabel} from '../kubernetes/applyset-parent.ts'
import type {Remove} from '../kubernetes/change.ts'
import {membersKey} from '../kubernetes/member-record.ts'
import type {KubernetesObject} from '../kubernetes/object.ts'
import {waves} from '../kubernetes/waves.ts'
import {removalOf} from './prune.ts'

// Version 0.1.0 had one set per revision for a federation and for its exports. After a canary upgrade, no run found the objects
// of the earlier revision any more. One set replaces them: its first write copies their lists of members, and then removes
// their parents.

/**
 * Lists the parents of the sets that a set replaces, the oldest first.
 *
 * @throws ApiError, UnreachableError
 */
export async function readReplacedParents(cluster: Cluster, set: ApplySet): Promise<KubernetesObject[]> {
  return set.hadRevisions ? readRevisionParents(cluster, set) : []
}

/**
 * Lists the parents of all sets `NAME-REVISION` in the namespace of a set, the oldest first. Only mesh administrators can write
 * there.
 *
 * @throws ApiError, UnreachableError
 */
export async function readRevisionParents(
  cluster: Cluster,
  {name, namespace}: Pick<ApplySet, 'name' | 'namespace'>,
): Promise<KubernetesObject[]> {
  const parents = await cluster.list({apiVersion: 'v1', kind: 'ConfigMap'}, {namespace, labelSelector: idLabel})
  return parents
    .filter(
      ({metadata}) =>
        metadata.name.startsWith(`${name}-`) &&
        metadata.labels?.[idLabel] === applySetId({name: metadata.name, namespace}),
    )
    .sort((a, b) => (createdAt(a) < createdAt(b) ? -1 : 1))
}

function createdAt({metadata}: KubernetesObject): string {
  return `${metadata.creationTimestamp ?? ''} ${metadata.name}`
}

/**
 * Returns a set with those that it replaces, for the plan that replaces them.
 *
 * @param parents what `readReplacedParents` returned
 */
export function replacingSet(set: ApplySet, parents: readonly KubernetesObject[]): ApplySet {
  if (parents.length === 0) return set
  const replaces = parents.map(({metadata: {name}}) => {
    const {namespace, kinds, contains} = set
    return {name, namespace, kinds, ...(contains ? {contains} : {})}
  })
  return {...set, replaces}
}

/**
 * Returns the removals of the parents of replaced sets. They run after the lists of members are copied.
 *
 * @param cluster name of the cluster in the mesh
 */
export function replacedParentRemovals(cluster: string, parents: readonly KubernetesObject[]): Remove[] {
  return parents.map(parent => removalOf(cluster, parent, waves.records))
}

/** Returns a record with the data of those that it replaces. Newer values have precedence. */
export function mergedRecord(
  parent: KubernetesObject | undefined,
  replaced: readonly KubernetesObject[],
): KubernetesObject | undefined {
  const all = [...replaced, ...(parent ? [parent] : [])]
  const newest = all.at(-1)
  if (newest === undefined || all.length === 1) return newest
  const {[membersKey]: _members, ...data} = Object.assign({}, ...all.map(record => record.data ?? {}))
  return {...newest, data}
}
