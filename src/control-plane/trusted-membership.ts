import type {Cluster} from '../engine/cluster/cluster.ts'
import type {ApplySet} from '../engine/kubernetes/applyset.ts'
import {type Membership, type MembershipOptions, readMembership} from '../engine/plan/membership.ts'
import {isSystemNamespace, unprovedRecord} from './read-proof.ts'

/**
 * Reads the members of an ApplySet whose record may list objects of any namespace, like `readMembership`.
 *
 * Threat: an administrator of some namespace forges a record there, so that a command that names this namespace with
 * `--system-namespace` removes or changes objects of other namespaces. Such a record is refused, unless `--trust-labels` is set.
 *
 * @throws ApiError, UnreachableError; MeshError (exit 3) for an invalid list, and for a record that nothing proves
 */
export async function readTrustedMembership(
  cluster: Cluster,
  set: ApplySet,
  options: MembershipOptions = {},
): Promise<Membership> {
  const membership = await readMembership(cluster, set, options)
  if (membership.parent && !options.trustLabels && !(await isSystemNamespace(cluster, set.namespace)))
    throw unprovedRecord(cluster, set, options.trustLabels !== undefined)
  return membership
}
