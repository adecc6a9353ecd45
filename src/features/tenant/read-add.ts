import {type LiveDefinition, readDefinitions} from '../../control-plane/read-definitions.ts'
import type {Cluster} from '../../engine/cluster/cluster.ts'
import {type KubernetesObject, refKey, refOf} from '../../engine/kubernetes/object.ts'
import {readLive} from '../../engine/plan/live.ts'
import {membersOf} from '../../engine/plan/prune.ts'
import {isOwn, madeForAnnotation, tenantApplySet} from './objects.ts'
import {readTenants, type TenantsFacts} from './read.ts'
import type {TenantNames} from './spec-names.ts'

/** What `mesh tenant add` reads from the cluster. */
export interface TenantAddFacts extends TenantsFacts {
  /** Istio's CustomResourceDefinitions, by name. */
  definitions: Map<string, LiveDefinition>
  /** Members of the tenant's ApplySet, if the tenant exists. */
  members: KubernetesObject[]
}

/**
 * Reads the facts in parallel.
 *
 * @param manager our field manager
 * @throws ApiError, UnreachableError
 */
export async function readForAdd(
  {systemNamespace}: TenantNames,
  cluster: Cluster,
  manager: string,
): Promise<TenantAddFacts> {
  const [facts, definitions, members] = await Promise.all([
    readTenants(cluster),
    readDefinitions(cluster, manager),
    membersOf(cluster, tenantApplySet(systemNamespace)),
  ])
  return {...facts, definitions, members}
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

/** Returns the namespaces that do not exist, or that an earlier run created for this tenant. */
export function ownNamespaces(
  {name, systemNamespace}: TenantNames,
  applications: readonly string[],
  {namespaces}: Pick<TenantsFacts, 'namespaces'>,
): string[] {
  return [systemNamespace, ...applications].filter(namespace => {
    const live = namespaces.find(({metadata}) => metadata.name === namespace)
    return live === undefined || live.metadata.annotations?.[madeForAnnotation] === name
  })
}
