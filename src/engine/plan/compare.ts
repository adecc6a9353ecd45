import type {Problem} from '../../errors.ts'
import type {Cluster} from '../cluster/cluster.ts'
import {ConflictError} from '../cluster/errors.ts'
import {asMember, partOfLabel} from '../kubernetes/applyset.ts'
import {type Apply, type Change, type Edit, type Remove, targetOf} from '../kubernetes/change.ts'
import {groupOf, type KubernetesObject, nameOf, type ObjectRef, refKey, refOf} from '../kubernetes/object.ts'
import {alreadyMatches} from './adopt.ts'
import {leaveToControllers} from './controllers.ts'
import {editObject, objectOfEdit} from './edit.ts'
import {isKnownUnchanged} from './managed.ts'
import {inOrder} from './order.ts'
import type {ClusterPlan, Step} from './plan.ts'

/** How changes are compared. */
export interface CompareOptions {
  /** Field manager of our writes. */
  manager: string
  /** Take over what others own; conflicts become updates. */
  force: boolean
  /** Id of the ApplySet that new objects become members of. */
  applySet: string
  /** What was read just before: taken as it is and not read again. */
  known?: readonly KubernetesObject[]
}

/** From this many objects of one kind and namespace, one LIST is cheaper than a GET each. */
const listFrom = 3

/**
 * Above this many new objects of one kind in a namespace, the server's dry run of the first ones stands for all: they
 * come from one builder. It keeps a thousand new objects at one request each.
 */
const sampled = 20

/**
 * Compares changes with what is live in one cluster, and reads only. Whether an update is one, the server's own dry run
 * decides, unless managed fields tell that nothing differs. Throws what the API server refuses (`ApiError`).
 */
export async function compareCluster(
  cluster: Cluster,
  name: string,
  changes: readonly Change[],
  options: CompareOptions,
): Promise<ClusterPlan> {
  const ordered = inOrder(changes)
  const known = new Map((options.known ?? []).map(object => [refKey(refOf(object)), object]))
  const unknown = ordered.map(targetOf).filter(ref => !known.has(refKey(ref)))
  const live = new Map([...known, ...(await readLive(cluster, unknown))])
  const absent = ordered.filter(change => change.action === 'edit' && change.create && !live.get(refKey(change.target)))
  const comparison: Comparison = {
    cluster,
    name,
    options,
    comingNamespaces: new Set(absent.map(change => targetOf(change).name)),
    comingKinds: new Set(ordered.flatMap(change => kindDefinedBy(change, live))),
    tried: new Map(),
  }
  const steps = await Promise.all(
    ordered.map(change => compareChange(comparison, change, live.get(refKey(targetOf(change))))),
  )
  return {cluster: name, steps}
}

/** The kind that a change defines, if nothing defines it yet. */
function kindDefinedBy(change: Change, live: ReadonlyMap<string, KubernetesObject>): string[] {
  if (change.action !== 'apply' || change.object.kind !== 'CustomResourceDefinition') return []
  if (live.has(refKey(targetOf(change)))) return []
  const {group, names} = change.object.spec as {group: string; names: {kind: string}}
  return [`${group}/${names.kind}`]
}

/** What is live of the given objects, by `refKey`; what is not there is missing in the map. */
export async function readLive(cluster: Cluster, refs: readonly ObjectRef[]): Promise<Map<string, KubernetesObject>> {
  const groups = Map.groupBy(refs, ref => `${ref.apiVersion} ${ref.kind} ${ref.namespace ?? ''}`)
  const found = await Promise.all(
    [...groups.values()].map(async group => {
      const {apiVersion, kind, namespace} = group[0]!
      if (group.length >= listFrom) return cluster.list({apiVersion, kind}, namespace ? {namespace} : {})
      return Promise.all(group.map(ref => cluster.get(ref)))
    }),
  )
  const wanted = new Set(refs.map(refKey))
  const live = new Map<string, KubernetesObject>()
  for (const object of found.flat()) {
    if (!object) continue
    const {apiVersion, kind, metadata} = object
    const key = refKey({
      apiVersion,
      kind,
      name: metadata.name,
      ...(metadata.namespace ? {namespace: metadata.namespace} : {}),
    })
    if (wanted.has(key)) live.set(key, object)
  }
  return live
}

interface Comparison {
  cluster: Cluster
  name: string
  options: CompareOptions
  comingNamespaces: Set<string>
  /** Kinds whose definitions are not there yet, `group/kind`. */
  comingKinds: Set<string>
  /** New objects that were dry-run, by kind and namespace. */
  tried: Map<string, number>
}

async function compareChange(
  comparison: Comparison,
  change: Change,
  live: KubernetesObject | undefined,
): Promise<Step> {
  switch (change.action) {
    case 'apply':
      return compareApply(comparison, change, live)
    case 'edit':
      return compareEdit(comparison, change, live)
    case 'remove':
      return compareRemove(change, live)
  }
}

function compareRemove(change: Remove, live: KubernetesObject | undefined): Step {
  return {change, ref: change.target, verdict: live ? 'remove' : 'unchanged', live, merged: undefined}
}

async function compareApply(comparison: Comparison, change: Apply, live: KubernetesObject | undefined): Promise<Step> {
  const {cluster, options} = comparison
  const ref = targetOf(change)
  const wanted = change.stays ? change.object : withMembership(change.object, live, change.memberOf ?? options.applySet)
  const object = live ? leaveToControllers(wanted, live, options.manager) : wanted
  const sent: Apply = {...change, object}
  const isPending = change.pending !== undefined
  if (!live) {
    if (!isPending && isWorthTrying(comparison, ref)) await cluster.apply(object, {dryRun: true, force: options.force})
    return {change: sent, ref, verdict: 'create', live, merged: object}
  }
  if (!isPending && (isKnownUnchanged(object, live, options.manager) || alreadyMatches(object, live, options.manager)))
    return {change: sent, ref, verdict: 'unchanged', live, merged: live}
  try {
    // what is not complete yet is tried too: a conflict about it must show before the first write
    const merged = await cluster.apply(object, {dryRun: true, force: options.force})
    if (isPending) return {change: sent, ref, verdict: 'update', live, merged: object}
    return {change: sent, ref, verdict: differs(live, merged) ? 'update' : 'unchanged', live, merged}
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error
    return {
      change: sent,
      ref,
      verdict: 'conflict',
      live,
      // what --force-conflicts would make of it: with our fields alone the diff would show all others as gone
      merged: await cluster.apply(object, {dryRun: true, force: true}),
      problem: conflictProblem(comparison.name, cluster, ref, error),
    }
  }
}

/**
 * Only what we make is ours to prune: an object that others made before us does not become a member. One that is in
 * another set stays there, since leaving our label out would take it away.
 */
function withMembership(
  object: KubernetesObject,
  live: KubernetesObject | undefined,
  applySet: string,
): KubernetesObject {
  if (!live) return asMember(object, applySet)
  const set = live.metadata.labels?.[partOfLabel]
  return set === undefined ? object : asMember(object, set)
}

function isWorthTrying(comparison: Comparison, ref: ObjectRef): boolean {
  if (ref.namespace && comparison.comingNamespaces.has(ref.namespace)) return false
  if (comparison.comingKinds.has(`${groupOf(ref.apiVersion)}/${ref.kind}`)) return false
  const key = `${ref.apiVersion} ${ref.kind} ${ref.namespace ?? ''}`
  const tried = comparison.tried.get(key) ?? 0
  comparison.tried.set(key, tried + 1)
  return tried < sampled
}

/** An apply that changes nothing leaves the resourceVersion as it is in the server's dry run too; all else is compared. */
function differs(live: KubernetesObject, merged: KubernetesObject): boolean {
  return JSON.stringify(comparable(live)) !== JSON.stringify(comparable(merged))
}

function comparable(object: KubernetesObject): unknown {
  const {status: _status, ...rest} = object
  const {managedFields: _managed, resourceVersion: _version, generation: _generation, ...metadata} = object.metadata
  return sortedKeys({...rest, metadata})
}

function sortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedKeys)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sortedKeys(inner)]),
  )
}

function conflictProblem(name: string, cluster: Cluster, ref: ObjectRef, error: ConflictError): Problem {
  const owned = error.conflicts.map(({field, manager}) => `${field} (${manager})`).join(', ')
  return {
    message: `${name}: ${placeOf(ref)}: others own ${owned || 'fields of it'}`,
    hints: [
      `to see it: kubectl --context ${cluster.context} ${ref.namespace ? `-n ${ref.namespace} ` : ''}get ${nameOf(ref)} -o yaml --show-managed-fields`,
      '--force-conflicts takes these fields over',
    ],
  }
}

async function compareEdit(comparison: Comparison, change: Edit, live: KubernetesObject | undefined): Promise<Step> {
  const {options, name} = comparison
  const ref = change.target
  if (!live) {
    if (change.create) return {change, ref, verdict: 'create', live, merged: objectOfEdit(change)}
    const problem = {message: `${name}: ${placeOf(ref)} is not there`}
    return {change, ref, verdict: 'conflict', live, merged: undefined, problem}
  }
  const {merged, patch, taken} = editObject(live, change.edits, options.manager)
  if (!patch) return {change, ref, verdict: 'unchanged', live, merged: live}
  if (taken.length === 0 || options.force) return {change, ref, verdict: 'update', live, merged}
  const owned = taken.map(({what, value, owners}) => `${what} is ${value} (${owners.join(', ')})`).join(', ')
  const problem = {message: `${name}: ${placeOf(ref)}: ${owned}`, hints: ['--force-conflicts takes it over']}
  return {change, ref, verdict: 'conflict', live, merged, problem}
}

/** `service/istio-eastwestgateway in istio-system`. */
function placeOf(ref: ObjectRef): string {
  return ref.namespace ? `${nameOf(ref)} in ${ref.namespace}` : nameOf(ref)
}
