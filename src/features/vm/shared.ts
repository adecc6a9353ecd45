import type {Cluster} from '../../engine/cluster/cluster.ts'
import {contextInfo} from '../../engine/kubeconfig/kubeconfig.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {refusedError} from '../../errors.ts'
import type {Access} from '../../run/run.ts'
import type {Schema} from '../../spec/field.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {vmSetName} from './objects.ts'
import type {VmFacts, VmWhere} from './read.ts'
import type {NamedVm} from './read-bundle.ts'
import {vmRegisterFields, vmRegisterProblems} from './spec.ts'
import {recallVm} from './spec-memory.ts'

/** What was said, with the context's namespace where none was, as kubectl has it. */
export function withNamespace<S extends Schema & {namespace: unknown}>(
  raw: RawSpec<S>,
  context: string,
  access: Access,
): RawSpec<S> {
  if (raw.namespace !== undefined) return raw
  return {...raw, namespace: contextInfo(access.kubeconfig, context).namespace}
}

/** A Spec whose name and namespace its problems have vouched for. */
export function named<T extends {name: string | undefined; namespace: string | undefined}>(
  spec: T,
): T & {name: string; namespace: string} {
  return spec as T & {name: string; namespace: string}
}

/** The registration that the cluster remembers. Throws MeshError (exit 3) when there is none of ours. */
export function recalled(facts: VmFacts, where: {name: string; namespace: string}): NamedVm {
  const spec = recalledIfAny(facts)
  if (spec) return spec
  throw refusedError(
    `${where.namespace}/${where.name} was not registered by kubectl mesh`,
    `kubectl mesh vm register ${where.name} -n ${where.namespace} … registers it; kubectl mesh vm list shows what is there`,
  )
}

/** The same, undefined when there is none. */
export function recalledIfAny(facts: VmFacts): NamedVm | undefined {
  return facts.parent && recalledFrom(facts.parent)
}

function recalledFrom(parent: KubernetesObject): NamedVm | undefined {
  const raw = recallVm((parent.data as Record<string, string> | undefined)?.spec)
  return raw && (readSpec(vmRegisterFields, raw, vmRegisterProblems) as NamedVm)
}

/** Name of the cluster, as it is printed and as changes carry it. */
export function clusterNameOf(facts: VmFacts, said: string | undefined): string {
  const found = facts.plane?.cluster
  return said ?? (found === undefined || found === 'Kubernetes' ? facts.cluster.context : found)
}

/**
 * Which control plane a VM was registered with: what is said now, else what the registration said.
 *
 * @throws ApiError, UnreachableError
 */
export async function whereOf<T extends VmWhere>(
  cluster: Cluster,
  said: T,
  raw: {systemNamespace?: unknown; revision?: unknown},
): Promise<T> {
  const parent = await cluster.get({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    namespace: said.namespace,
    name: vmSetName(said.name),
  })
  const remembered = parent && recalledFrom(parent)
  return {
    ...said,
    systemNamespace:
      raw.systemNamespace === undefined ? (remembered?.systemNamespace ?? said.systemNamespace) : said.systemNamespace,
    revision: raw.revision === undefined ? (remembered?.revision ?? said.revision) : said.revision,
  }
}

/** Without the control plane nothing can be made for the machine. */
export function requireControlPlane(
  facts: VmFacts,
  where: {systemNamespace: string; revision: string | undefined},
): void {
  if (facts.plane) return
  const which = where.revision ? `istiod of revision ${where.revision}` : 'istiod without a revision'
  throw refusedError(
    `no ${which} in namespace ${where.systemNamespace}`,
    facts.revisions.length > 0
      ? `revisions there: ${facts.revisions.join(', ')} (--revision)`
      : '--system-namespace NS',
  )
}
