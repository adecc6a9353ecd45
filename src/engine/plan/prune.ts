import type {Cluster} from '../cluster/cluster.ts'
import {type ApplySet, applySetId, partOfLabel} from '../kubernetes/applyset.ts'
import type {Change, Remove} from '../kubernetes/change.ts'
import {targetOf} from '../kubernetes/change.ts'
import {type KubernetesObject, refKey, refOf} from '../kubernetes/object.ts'
import {waveOf} from '../kubernetes/waves.ts'

/** The members of an ApplySet that are live in a cluster. One LIST a kind, side by side. */
export async function membersOf(cluster: Cluster, set: ApplySet): Promise<KubernetesObject[]> {
  const kinds = [...new Map(set.kinds.map(kind => [`${kind.apiVersion} ${kind.kind}`, kind])).values()]
  const labelSelector = `${partOfLabel}=${applySetId(set)}`
  const labelled = (await Promise.all(kinds.map(kind => cluster.list(kind, {labelSelector})))).flat()
  // a controller copies labels to what it makes of a member (EndpointSlices of a Service): that goes with its owner
  return labelled.filter(({metadata}) => !metadata.ownerReferences?.length)
}

/** Removals of members that no change speaks of any more, except those that `keeps` wants to stay. */
export function pruneChanges(
  name: string,
  members: readonly KubernetesObject[],
  changes: readonly Change[],
  keeps: (object: KubernetesObject) => boolean,
): Remove[] {
  const spoken = new Set(changes.map(change => refKey(targetOf(change))))
  return members
    .filter(object => !spoken.has(refKey(refOf(object))) && !keeps(object))
    .map(object => ({action: 'remove', cluster: name, wave: waveOf(object), target: refOf(object)}))
}
