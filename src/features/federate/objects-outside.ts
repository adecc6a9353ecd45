import {multiClusterLabel, peerAnnotation} from '../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {isSharedToken} from '../../istio/names.ts'
import type {MeshMember} from '../../mesh/members.ts'
import {credentialsIn, remoteClusterOf} from '../../mesh/remote-secrets.ts'

/**
 * Returns whether an object that an earlier run created is a credential of, or for, a cluster outside this run. Such an
 * object stays.
 *
 * @param names of the clusters of this run
 */
export function belongsToOutside(object: KubernetesObject, member: MeshMember, names: ReadonlySet<string>): boolean {
  if (isSharedToken(object.metadata.name)) return knowsOutside(member, names)
  const peer = object.metadata.annotations?.[peerAnnotation]
  if (peer !== undefined) return !names.has(peer)
  if (object.metadata.labels?.[multiClusterLabel] === undefined) return false
  const target = remoteClusterOf(object)
  return target === undefined || !names.has(target)
}

/** Returns whether a cluster outside this run reads this one with a token that kubectl-mesh created. */
export function isReadFromOutside(member: MeshMember, all: readonly MeshMember[]): boolean {
  const names = new Set(all.map(({cluster}) => cluster))
  return (member.facts?.created ?? []).some(({metadata}) => {
    const peer = metadata.annotations?.[peerAnnotation]
    return isSharedToken(metadata.name) ? knowsOutside(member, names) : peer !== undefined && !names.has(peer)
  })
}

/** No object lists the holders of a shared token. The clusters that this one reads are assumed to read it too. */
function knowsOutside({facts}: MeshMember, names: ReadonlySet<string>): boolean {
  return facts !== undefined && credentialsIn(facts).some(({target}) => !names.has(target))
}
