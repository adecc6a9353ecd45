import {applySetParent, applySetParentRemoval} from '../../../engine/kubernetes/applyset-parent.ts'
import type {Change} from '../../../engine/kubernetes/change.ts'
import {pruneChanges} from '../../../engine/plan/prune.ts'
import {foreignAmbientGateways} from '../../../mesh/ambient/gateways.ts'
import {ambientApplySet, buildAmbientGateway} from '../../../mesh/ambient/objects.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import type {Federation} from '../spec.ts'
import {servesAmbient} from './spec.ts'

/** Returns whether a federation creates the gateway of ambient mode in a cluster. An existing one of another owner is sufficient. */
export function makesAmbientGateway(spec: Federation, member: MeshMember): boolean {
  return servesAmbient(spec) && foreignAmbientGateways(member).length === 0
}

/**
 * Returns the changes of one cluster for pods in ambient mode: the gateway and its record, or their removal, if earlier runs have
 * created them and they are not needed any more.
 */
export function ambientChanges(spec: Federation, member: MeshMember): Change[] {
  const {cluster, network, context, facts} = member
  const {systemNamespace, revision} = spec
  const annotations = spec.gateway[context]?.annotations ?? {}
  const set = ambientApplySet(spec)
  const wanted = makesAmbientGateway(spec, member)
    ? [
        applySetParent(set, cluster, {cluster, network}),
        buildAmbientGateway({cluster, network, systemNamespace, revision, annotations}),
      ]
    : []
  return [...wanted, ...(facts?.ambient ? removalsFrom(member, wanted, systemNamespace) : [])]
}

/**
 * Returns the removals of what earlier runs created for ambient mode in a cluster, except for the targets of some changes.
 *
 * @param wanted changes that stay
 */
export function removalsFrom(
  {cluster, facts}: MeshMember,
  wanted: readonly Change[],
  systemNamespace: string,
): Change[] {
  const membership = facts?.ambient?.membership
  if (!membership) return []
  const memberOf = ambientApplySet({systemNamespace})
  const {objects, parent} = membership
  return [
    ...pruneChanges(cluster, objects, wanted, () => false).map(removal => ({...removal, memberOf})),
    ...(parent && wanted.length === 0 ? [applySetParentRemoval(memberOf, cluster)] : []),
  ]
}
