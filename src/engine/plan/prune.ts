import type {Cluster} from '../cluster/cluster.ts'
import {type ApplySet, applySetId, partOfLabel} from '../kubernetes/applyset.ts'
import type {Change, Remove} from '../kubernetes/change.ts'
import {targetOf} from '../kubernetes/change.ts'
import {type KubernetesObject, refKey, refOf} from '../kubernetes/object.ts'
import {waveOf} from '../kubernetes/waves.ts'

/**
 * Returns the live members of an ApplySet. Sends one LIST per kind, in parallel.
 *
 * @throws ApiError, UnreachableError
 */
export async function membersOf(cluster: Cluster, set: ApplySet): Promise<KubernetesObject[]> {
  const kinds = [...new Map(set.kinds.map(kind => [`${kind.apiVersion} ${kind.kind}`, kind])).values()]
  const labelSelector = `${partOfLabel}=${applySetId(set)}`
  const labelled = (await Promise.all(kinds.map(kind => cluster.list(kind, {labelSelector})))).flat()
  // Controllers copy the labels of a member to the objects that they create (EndpointSlices of a Service). Those
  // objects
  // are deleted with their owner.
  return labelled.filter(({metadata}) => !metadata.ownerReferences?.length)
}

/**
 * Returns removals of the members that no change refers to.
 *
 * @param name name of the cluster in the mesh
 * @param keeps returns true for a member that stays although no change refers to it
 */
export function pruneChanges(
  name: string,
  members: readonly KubernetesObject[],
  changes: readonly Change[],
  keeps: (object: KubernetesObject) => boolean,
): Remove[] {
  const targets = new Set(changes.map(change => refKey(targetOf(change))))
  return members
    .filter(object => !targets.has(refKey(refOf(object))) && !keeps(object))
    .map(object => ({action: 'remove', cluster: name, wave: waveOf(object), target: refOf(object)}))
}
