import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {refusedError} from '../../../errors.ts'
import type {Run} from '../../../run/run.ts'
import {namespacesOf, type Tenant} from '../istio.ts'
import type {TenantsFacts} from '../read.ts'
import {keepReason} from './istio.ts'
import {foreignContent} from './istio-content.ts'
import type {TenantRemains} from './read.ts'
import {type NamespacedKinds, readContent, readNamespacedKinds} from './read-content.ts'
import {describeContent, formatKept, type KeptNamespace} from './report.ts'
import type {TenantRemove} from './spec.ts'

/** The namespaces of a tenant to remove. */
export interface RemovedNamespaces {
  kept: KubernetesObject[]
  deleted: KubernetesObject[]
  /** Names of those among `kept` that kubectl-mesh created, and that stay because of their content. */
  deletable: string[]
}

/**
 * Decides which namespaces of a tenant are deleted: only those that kubectl-mesh created, and those with other content only if
 * the user names them. Asks for the names on an interactive terminal, and reports the namespaces that stay.
 *
 * @throws ApiError, UnreachableError; MeshError (exit 3) if a named namespace does not belong to the tenant
 */
export async function decideNamespaces(
  spec: TenantRemove,
  tenant: Tenant,
  facts: TenantsFacts,
  remains: TenantRemains,
  run: Run,
): Promise<RemovedNamespaces> {
  const applications = namespacesOf(tenant, facts).filter(isLasting)
  refuseOthers(spec, tenant, applications)
  const system = facts.namespaces.filter(({metadata}) => metadata.name === tenant.namespace).filter(isLasting)
  const owners = {tenant, tenants: facts.tenants, created: remains.membership.namespaces}
  const isSystem = ({metadata}: KubernetesObject) => metadata.name === tenant.namespace
  const isRequested = ({metadata}: KubernetesObject) =>
    spec.deleteNamespaces || spec.deleteContentOf.includes(metadata.name)
  const candidates = [...applications.filter(isRequested), ...system]
  const checked = candidates.map(namespace => ({namespace, reason: keepReason(namespace, owners)}))
  const possible = checked.flatMap(({namespace, reason}) => (reason === undefined ? [namespace] : []))
  const contents = await readContents(possible, tenant, facts, remains)
  const deleted: KubernetesObject[] = []
  const kept: KeptNamespace[] = checked.flatMap(({namespace, reason}) =>
    // The user did not ask to delete a system namespace that existed before.
    reason === undefined || isSystem(namespace) ? [] : [{name: namespace.metadata.name, reason, content: []}],
  )
  for (const namespace of possible) {
    const {name} = namespace.metadata
    const content = contents.get(name) ?? []
    if (content.length === 0 || (await isConfirmed(name, content, isSystem(namespace), spec, run)))
      deleted.push(namespace)
    else kept.push({name, reason: undefined, content})
  }
  run.terminal.message(formatKept(kept))
  return {
    kept: [...applications, ...system].filter(namespace => !deleted.includes(namespace)),
    deleted,
    deletable: kept.filter(({reason}) => reason === undefined).map(({name}) => name),
  }
}

/** A namespace that is being deleted, such as by an earlier run, needs no decision. */
function isLasting({metadata}: KubernetesObject): boolean {
  return metadata.deletionTimestamp === undefined
}

function refuseOthers(
  {deleteContentOf}: TenantRemove,
  tenant: Tenant,
  applications: readonly KubernetesObject[],
): void {
  const names = [tenant.namespace, ...applications.map(({metadata}) => metadata.name)]
  const other = deleteContentOf.find(name => !names.includes(name))
  if (other !== undefined)
    throw refusedError(`--delete-content-of ${other}: namespace ${other} does not belong to ${tenant.name}`)
}

/** The objects in each namespace that neither kubectl-mesh, the tenant's istiod nor Kubernetes created. */
async function readContents(
  namespaces: readonly KubernetesObject[],
  tenant: Tenant,
  {cluster}: TenantsFacts,
  remains: TenantRemains,
): Promise<Map<string, string[]>> {
  if (namespaces.length === 0) return new Map()
  const {membership, leftovers, record} = remains
  const own = {tenant, objects: [...membership.objects, ...leftovers, ...(record ? [record] : [])]}
  const kinds: NamespacedKinds = await readNamespacedKinds(cluster)
  const result = new Map<string, string[]>()
  for (const {metadata} of namespaces) {
    const {objects, unknown} = await readContent(cluster, metadata.name, kinds)
    result.set(metadata.name, [...foreignContent(objects, own), ...unknown])
  }
  return result
}

/** A system namespace is not what the user asked to delete, so there is no question about it. */
async function isConfirmed(
  name: string,
  content: readonly string[],
  isSystem: boolean,
  spec: TenantRemove,
  {terminal, write}: Run,
): Promise<boolean> {
  if (spec.deleteContentOf.includes(name)) return true
  if (isSystem || write.yes || write.dryRun !== 'none' || !terminal.interactive) return false
  const {askText} = await import('../../../terminal/prompts.ts')
  const message = `Namespace ${name} contains ${describeContent(content)}. Type ${name} to delete all of it, or press Enter to keep the namespace:`
  return (await askText(terminal, {message})).trim() === name
}
