import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {rotationRecord} from '../../../istio/names.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {readerTokenName} from '../../../mesh/objects-reader.ts'
import {unfinishedIn} from './objects-record.ts'

/**
 * Returns a function that tests whether an object of a cluster belongs to a rotation that is not finished: its record, and the old
 * and the new tokens that this cluster issued. They stay until the rotation is finished.
 */
export function rotatedObjects(
  {cluster}: MeshMember,
  all: readonly MeshMember[],
): (object: KubernetesObject) => boolean {
  const recorded = all.flatMap(({facts}) => unfinishedIn(facts?.rotation)[cluster] ?? [])
  const tokens = new Set(recorded.flatMap(({old, next}) => [readerTokenName(next), ...(old ? [old.name] : [])]))
  return ({kind, metadata: {name}}) => kind === 'Secret' && (name === rotationRecord || tokens.has(name))
}
