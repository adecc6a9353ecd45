import type {Cluster} from '../../../engine/cluster/cluster.ts'
import {applySetParentRef} from '../../../engine/kubernetes/applyset.ts'
import {isBlank, memberListOf} from '../../../engine/kubernetes/member-record.ts'
import {type KubernetesObject, nameOf, refOf} from '../../../engine/kubernetes/object.ts'
import {isManagedBy} from '../../../engine/plan/managed.ts'
import {refusedError} from '../../../errors.ts'
import {controlPlaneApplySet} from '../../../mesh/control-plane/objects.ts'
import type {Run} from '../../../run/run.ts'
import {commonFields} from '../../../spec/common-fields.ts'
import {someOf} from '../../../text/count.ts'
import {shellWord} from '../../../text/shell-word.ts'
import {isOfTenantAdd, type Tenant} from '../istio.ts'
import {canBeMember} from '../objects.ts'
import type {TenantRemains} from './read.ts'

/**
 * Refuses to remove a control plane that is no tenant. Only a record proves which objects are those of kubectl-mesh; labels show
 * that there was one.
 *
 * @throws MeshError (exit 3) with the command that removes it; ApiError, UnreachableError
 */
export async function refuseUnrecorded(
  tenant: Tenant,
  remains: TenantRemains,
  cluster: Cluster,
  {access}: Run,
): Promise<void> {
  const {name, namespace} = tenant
  if (isOfTenantAdd(tenant) || lostObjects(tenant, remains, access.manager).length > 0) return
  const revision = tenant.revision === 'default' ? undefined : tenant.revision
  const isOfInstall = await cluster.get(applySetParentRef(controlPlaneApplySet({systemNamespace: namespace, revision})))
  if (isOfInstall)
    throw refusedError(
      `${name}: this control plane (namespace ${namespace}, revision ${tenant.revision}) is not a tenant; it was created by kubectl mesh install or federate`,
      `to remove it: kubectl mesh install remove${placeFlags(namespace, revision)}`,
    )
  throw refusedError(
    `${name}: kubectl-mesh has no record of this control plane (namespace ${namespace}, revision ${tenant.revision}) and did not install it`,
    `remove it with the tool that installed it: istioctl uninstall --istioNamespace ${shellWord(namespace)} --revision ${shellWord(tenant.revision)}`,
  )
}

/** The flags of `mesh install remove` for a control plane. */
function placeFlags(namespace: string, revision: string | undefined): string {
  const words = [
    ...(namespace === commonFields.systemNamespace.fallback ? [] : ['--system-namespace', namespace]),
    ...(revision === undefined ? [] : ['--revision', revision]),
  ]
  return words.map(word => ` ${shellWord(word)}`).join('')
}

/** Objects that our field manager applied for a tenant, if its record does not exist or lists nothing. */
function lostObjects({namespace}: Tenant, {record, membership}: TenantRemains, manager: string): KubernetesObject[] {
  if (!isBlank(memberListOf(record))) return []
  return membership.unrecorded
    .filter(canBeMember(namespace))
    .filter(object => object.metadata.deletionTimestamp === undefined && isManagedBy(object, manager))
}

/**
 * Refuses a removal with an incomplete list of objects. Without its webhooks and roles, the rest of a control plane must not be
 * removed: the webhooks would reject every request.
 *
 * @throws MeshError (exit 3)
 */
export function refuseOldRecord(tenant: Tenant, remains: TenantRemains, {access}: Run): void {
  const {name, namespace} = tenant
  const {record, membership} = remains
  if (lostObjects(tenant, remains, access.manager).length > 0)
    throw refusedError(
      `${name}: the record of this tenant ${record ? 'lists none of its objects' : 'is missing'}; nothing was removed`,
      `run kubectl mesh tenant add ${shellWord(name)} with its former flags to list its objects again`,
      'or check the objects above, then add --trust-labels to remove them',
    )
  const unrecorded = membership.unrecorded.filter(canBeMember(namespace))
  if (memberListOf(record) !== 'old' || unrecorded.length === 0) return
  throw refusedError(
    `${name}: kubectl-mesh 0.1.0 created the record, which does not list its objects: ${someOf(
      unrecorded.map(object => nameOf(refOf(object))),
      30,
    )}`,
    `run kubectl mesh tenant add ${shellWord(name)} once with this version, which lists them`,
    'or add --trust-labels to remove all of them',
  )
}
