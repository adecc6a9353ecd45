import {applySetId, partOfLabel} from '../../../engine/kubernetes/applyset.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {federationApplySet} from '../../../mesh/applyset.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import type {FederationRemove} from './spec.ts'

/** A cluster of a removal. Without facts if it could not be read. */
export interface RemovalCluster {
  member: MeshMember
  /** Why it could not be read. */
  error?: unknown
}

/** All clusters of a removal. */
export interface RemovalSubject {
  spec: FederationRemove
  staying: readonly RemovalCluster[]
  leaving: readonly RemovalCluster[]
}

/** The names of all clusters of a removal. */
export function clusterNames({staying, leaving}: RemovalSubject): Set<string> {
  return new Set([...leaving, ...staying].map(({member}) => member.cluster))
}

/** The remote Secrets of a cluster, except those of a federation of another revision, which is not removed. */
export function ownRemoteSecrets(spec: FederationRemove, {facts}: MeshMember): KubernetesObject[] {
  const own = applySetId(federationApplySet(spec))
  return facts!.remoteSecrets.filter(({metadata}) => (metadata.labels?.[partOfLabel] ?? own) === own)
}
