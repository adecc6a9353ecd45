import type {ReadSubject} from '../../../engine/cluster/snapshot.ts'
import {inCluster} from '../../../engine/kubeconfig/in-cluster.ts'
import {ambientApplySet} from '../../../mesh/ambient/objects.ts'
import {federationApplySet} from '../../../mesh/applyset.ts'
import {type MeshMember, resolveMember} from '../../../mesh/members.ts'
import {readFederationFacts} from '../../../mesh/read.ts'
import {servesAmbient} from '../ambient/spec.ts'
import {clusterOf} from '../plan.ts'
import type {Federation} from '../spec.ts'

/** What a run and the controllers of a cluster have changed: see `readAgain`. */
export type ChangedBy = 'tokens' | 'gateways' | 'all'

/**
 * Reads what may have changed since the clusters were read. Everything else in the facts still holds: this run has written it, or
 * it belongs to other owners.
 *
 * @param changedBy `tokens`: Secrets and the record; `gateways`: also Services and Deployments; `all`: everything
 * @throws InClusterError (exit 3)
 */
export function readAgain(
  spec: Federation,
  members: readonly MeshMember[],
  changedBy: ChangedBy,
): Promise<MeshMember[]> {
  return Promise.all(members.map(member => inCluster(member.cluster, () => readMemberAgain(spec, member, changedBy))))
}

/**
 * Reads one cluster again: see `readAgain`.
 *
 * @throws ApiError, UnreachableError
 */
export async function readMemberAgain(spec: Federation, member: MeshMember, changedBy: ChangedBy): Promise<MeshMember> {
  // An istiod that this run installs or configures changes webhooks, roots and endpoints.
  const isPartial = changedBy !== 'all' && spec.mode !== 'primary-remote' && member.rendered === undefined
  const earlier = isPartial ? member.facts?.snapshot : undefined
  const kinds =
    changedBy === 'tokens'
      ? ['Secret']
      : ['Secret', 'Service', 'Deployment', ...(servesAmbient(spec) ? ['Gateway'] : [])]
  const records = [federationApplySet(spec).name, ambientApplySet(spec).name]
  const snapshot = earlier?.refreshed(subject => kinds.includes(subject.kind) || isRecord(subject, records))
  return resolveMember(spec, member.context, await readFederationFacts(clusterOf(member), spec, snapshot))
}

/** The records, and the list of all records. */
function isRecord({kind, name}: ReadSubject, records: readonly string[]): boolean {
  return kind === 'ConfigMap' && (name === undefined || records.includes(name))
}
