import {type Change, isTargetOf, type Remove} from '../kubernetes/change.ts'
import {type KubernetesObject, refOf} from '../kubernetes/object.ts'
import {type Wave, waveOf} from '../kubernetes/waves.ts'

/**
 * Returns removals of the members that no change refers to.
 *
 * @param members the `objects` of a `Membership`
 * @param name name of the cluster in the mesh
 * @param keeps returns true for a member that stays although no change refers to it
 */
export function pruneChanges(
  name: string,
  members: readonly KubernetesObject[],
  changes: readonly Change[],
  keeps: (object: KubernetesObject) => boolean,
): Remove[] {
  const isTarget = isTargetOf(changes)
  return members
    .filter(object => !isTarget(object) && !keeps(object))
    .map(object => removalOf(name, object, waveOf(object)))
}

/** Returns the removal of a live object. An object of the same name that replaces it stays. */
export function removalOf(cluster: string, object: KubernetesObject, wave: Wave): Remove {
  const {uid} = object.metadata
  return {action: 'remove', cluster, wave, target: refOf(object), ...(uid === undefined ? {} : {uid})}
}
