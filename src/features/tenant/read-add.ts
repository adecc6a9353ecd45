import {type LiveDefinition, readDefinitions} from '../../control-plane/read-definitions.ts'
import {hasSailOperator} from '../../control-plane/sail.ts'
import type {Cluster} from '../../engine/cluster/cluster.ts'
import {memberListOf} from '../../engine/kubernetes/member-record.ts'
import {type KubernetesObject, refKey, refOf} from '../../engine/kubernetes/object.ts'
import {readLive} from '../../engine/plan/live.ts'
import {type Membership, readMembership} from '../../engine/plan/membership.ts'
import type {ZtunnelSettings} from '../../istio/ambient.ts'
import {tenantProofRef} from '../../istio/system-objects.ts'
import {readZtunnels} from './ambient/read.ts'
import {isOwn, tenantApplySet} from './objects.ts'
import type {TenantsFacts} from './read.ts'
import type {ExistingTenant} from './request.ts'
import type {RawTenant} from './settings.ts'
import {formatLabel, type TenantNames} from './spec-names.ts'

/** What `mesh tenant add` reads from the cluster. */
export interface TenantAddFacts extends TenantsFacts {
  /** Istio's CustomResourceDefinitions, by name. */
  definitions: Map<string, LiveDefinition>
  /** Members of the tenant's ApplySet. */
  membership: Membership
  /** The proof of the tenant, if it exists. */
  proof: KubernetesObject | undefined
  /** The Sail operator is installed. Undefined if it was not looked for. */
  hasSail: boolean | undefined
  /** The ztunnels, if application namespaces of the tenant are in ambient mode. */
  ztunnels: readonly ZtunnelSettings[]
}

/**
 * Reads the facts in parallel.
 *
 * @param facts the existing tenants
 * @param manager our field manager
 * @param spec the tool that creates the control plane, and the application namespaces
 * @throws ApiError, UnreachableError
 */
export async function readForAdd(
  {systemNamespace}: TenantNames,
  facts: TenantsFacts,
  manager: string,
  {via, namespaces}: {via: string; namespaces: readonly string[]},
): Promise<TenantAddFacts> {
  const {cluster} = facts
  const applications = facts.namespaces.filter(({metadata}) => namespaces.includes(metadata.name))
  const [definitions, membership, proof, hasSail, ztunnels] = await Promise.all([
    readDefinitions(cluster, manager),
    readMembership(cluster, tenantApplySet(systemNamespace)),
    cluster.get(tenantProofRef(systemNamespace)),
    via === 'sail' ? hasSailOperator(cluster) : undefined,
    readZtunnels(cluster, applications),
  ])
  return {...facts, definitions, membership, proof, hasSail, ztunnels}
}

/**
 * Returns the record of the requested tenant: in the namespace that the input sets, otherwise where a tenant of this name
 * exists. A record that nothing proves is never returned.
 */
export function recordFor(
  {name, systemNamespace}: RawTenant,
  {records, tenants}: Pick<TenantsFacts, 'records' | 'tenants'>,
): KubernetesObject | undefined {
  const existing = tenants.find(tenant => tenant.name === name && tenant.proved && tenant.recorded)
  const record = records.get(String(systemNamespace ?? existing?.namespace ?? name))
  return (record?.data as Record<string, string> | undefined)?.tenant === name ? record : undefined
}

/** Returns the rendered objects without those that tenants share (istio-cni, ztunnel) and that already exist. */
export async function withoutExistingShared(
  objects: readonly KubernetesObject[],
  names: TenantNames,
  cluster: Cluster,
): Promise<KubernetesObject[]> {
  const shared = objects.filter(object => !isOwn(object, names)).map(refOf)
  const live = shared.length > 0 ? await readLive(cluster, shared) : new Map()
  return objects.filter(object => isOwn(object, names) || !live.has(refKey(refOf(object))))
}

/**
 * Returns the namespaces that kubectl-mesh created, also those of a run that was killed before it listed them, and the
 * namespaces that have the selector label of an earlier run.
 *
 * @param manager our field manager
 */
export function existingTenant(names: TenantNames, facts: TenantAddFacts, manager: string): ExistingTenant {
  const {membership, namespaces, tenants} = facts
  const ours = namespaces.filter(
    ({metadata: {name, uid}}) => uid !== undefined && membership.namespaces.get(name) === uid,
  )
  const unlisted = namespaces.filter(namespace => isUnlisted(namespace, names, facts, manager))
  const from = tenants.find(({namespace, proved}) => proved && namespace === names.systemNamespace)?.label
  const changes = from && formatLabel(from) !== formatLabel(names.selector)
  const moved = namespaces
    .map(({metadata}) => metadata)
    .filter(({name, labels}) => changes && labels?.[from.key] === from.value && name !== names.systemNamespace)
  return {
    ours: new Set([...ours, ...unlisted].map(({metadata}) => metadata.name)),
    moved: changes ? {from, namespaces: moved.map(({name}) => name)} : undefined,
  }
}

/**
 * Whether a run that was killed has created a namespace and has not listed its UID. It has listed its intent, or for the system
 * namespace created the proof. The list may also be gone. Our field manager applies a namespace only to create it.
 */
function isUnlisted(
  {metadata}: KubernetesObject,
  {systemNamespace}: TenantNames,
  {membership: {parent}, proof}: TenantAddFacts,
  manager: string,
): boolean {
  const isApplied = metadata.managedFields?.some(
    ({manager: name, operation, subresource}) => name === manager && operation === 'Apply' && !subresource,
  )
  if (!isApplied) return false
  const list = memberListOf(parent)
  if (list !== undefined && list !== 'old' && list.size > 0) {
    const intent = list.get(refKey({apiVersion: 'v1', kind: 'Namespace', name: metadata.name}))
    return intent !== undefined && intent.uid === undefined
  }
  if (metadata.name !== systemNamespace || !proof) return false
  return (metadata.creationTimestamp ?? '') >= (proof.metadata.creationTimestamp ?? '')
}
