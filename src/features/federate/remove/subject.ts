import {applySetId, partOfLabel} from '../../../engine/kubernetes/applyset.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {federationApplySet} from '../../../mesh/applyset.ts'
import {isCreated} from '../../../mesh/facts.ts'
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

/**
 * The remote Secrets of a cluster that kubectl-mesh did not create, except those with the label of another federation:
 * another revision has its own record.
 */
export function foreignRemoteSecrets(spec: FederationRemove, {facts}: MeshMember): KubernetesObject[] {
  const own = applySetId(federationApplySet(spec))
  return facts!.remoteSecrets.filter(
    secret => !isCreated(secret, facts!) && (secret.metadata.labels?.[partOfLabel] ?? own) === own,
  )
}
