import type {Cluster} from '../cluster/cluster.ts'
import {ConflictError} from '../cluster/errors.ts'
import {mapWithLimit} from '../cluster/limit.ts'
import type {Snapshot} from '../cluster/snapshot.ts'
import {type ApplySet, applySetId, asMember, partOfLabel} from '../kubernetes/applyset.ts'
import {type Apply, type Change, type Edit, type Remove, targetOf} from '../kubernetes/change.ts'
import {markParent} from '../kubernetes/member-record.ts'
import {groupOf, type KubernetesObject, type ObjectRef, refKey, refOf} from '../kubernetes/object.ts'
import {alreadyMatches} from './adopt.ts'
import {applyConflict, editConflict, immutableConflict, missingTarget} from './conflict.ts'
import {leaveToControllers} from './controllers.ts'
import {differs} from './differs.ts'
import {editObject, objectOfEdit} from './edit.ts'
import {withForeignEntries} from './foreign-entries.ts'
import {readLive} from './live.ts'
import {isKnownUnchanged} from './managed.ts'
import {inOrder} from './order.ts'
import type {ClusterPlan, Step} from './plan.ts'
import {isListed, joinsList, type MemberLists, memberLists, withMembership} from './step-membership.ts'

/** How changes are compared with live objects. */
export interface CompareOptions {
  /** Field manager of our writes. */
  manager: string
  /** Take over fields of other managers: conflicts become updates. */
  force: boolean
  /** The ApplySet that new objects join. */
  set: ApplySet
  /** Name of the set of mesh files that the run applies. */
  documentSet?: string | undefined
  /** Objects that were read just before and need not be read again. */
  known?: readonly KubernetesObject[]
  /** Answers reads of live objects, if they were read just before. Default: the server. */
  snapshot?: Snapshot | undefined
}

/**
 * Number of new objects of one kind and namespace that are dry-run. They represent the rest, since all come from the
 * same builder. A plan of a thousand new objects therefore sends twenty requests.
 */
const maxDryRuns = 20

interface Comparison {
  cluster: Cluster
  name: string
  options: CompareOptions
  /** Namespaces that earlier changes create. The server rejects a dry run in them. */
  newNamespaces: ReadonlySet<string>
  /** Kinds that earlier changes define, `group/kind`. The server rejects their dry run. */
  newKinds: ReadonlySet<string>
  /** Roles that earlier changes create, by `refKey`. Without the permission to bind them, the server looks for them. */
  newRoles: ReadonlySet<string>
  /** Number of dry runs of new objects so far, by kind and namespace. */
  dryRuns: Map<string, number>
  lists: MemberLists
}

/**
 * Compares changes with the live objects of one cluster. Writes nothing.
 *
 * The server's dry run decides whether an apply changes anything, unless managed fields prove that it does not.
 *
 * @param name name of the cluster in the mesh
 * @throws ApiError if the server rejects a change; UnreachableError
 */
export async function compareCluster(
  cluster: Cluster,
  name: string,
  changes: readonly Change[],
  options: CompareOptions,
): Promise<ClusterPlan> {
  const ordered = inOrder(changes)
  const known = new Map((options.known ?? []).map(object => [refKey(refOf(object)), object]))
  const targets = ordered.map(targetOf)
  const unknown = targets.filter(ref => !known.has(refKey(ref)))
  const live = new Map([...known, ...(await readLive(options.snapshot ?? cluster, unknown))])
  const comparison: Comparison = {
    cluster,
    name,
    options,
    newNamespaces: new Set(ordered.flatMap(change => newNamespaceOf(change, live))),
    newKinds: new Set(ordered.flatMap(change => newKindOf(change, live))),
    newRoles: new Set(targets.filter(ref => isRole(ref) && !live.has(refKey(ref))).map(refKey)),
    dryRuns: new Map(),
    lists: memberLists(live),
  }
  const steps = await mapWithLimit(ordered, async change => {
    const step = await compareChange(comparison, change, live.get(refKey(targetOf(change))))
    return withMembership(step, options, comparison.lists)
  })
  return {cluster: name, namespace: options.set.namespace, steps}
}

/** The namespace that a change creates. */
function newNamespaceOf(change: Change, live: ReadonlyMap<string, KubernetesObject>): string[] {
  if (change.action !== 'edit' || !change.create || live.has(refKey(change.target))) return []
  return [change.target.name]
}

/** The kind that a change defines, if it is not defined yet. */
function newKindOf(change: Change, live: ReadonlyMap<string, KubernetesObject>): string[] {
  if (change.action !== 'apply' || change.object.kind !== 'CustomResourceDefinition') return []
  if (live.has(refKey(targetOf(change)))) return []
  const {group, names} = change.object.spec as {group: string; names: {kind: string}}
  return [`${group}/${names.kind}`]
}

function isRole({kind}: ObjectRef): boolean {
  return kind === 'Role' || kind === 'ClusterRole'
}

/** The role of a binding. */
function roleOf({apiVersion, metadata: {namespace}, roleRef}: KubernetesObject): ObjectRef | undefined {
  const {kind, name} = (roleRef ?? {}) as {kind?: string; name?: string}
  if (kind === undefined || name === undefined) return undefined
  return {apiVersion, kind, name, ...(kind === 'Role' && namespace !== undefined ? {namespace} : {})}
}

async function compareChange(
  comparison: Comparison,
  change: Change,
  live: KubernetesObject | undefined,
): Promise<Step> {
  switch (change.action) {
    case 'apply':
      return live ? compareApply(comparison, change, live) : compareCreate(comparison, change)
    case 'edit':
      return compareEdit(comparison, change, live)
    case 'remove':
      return compareRemove(change, live, comparison.options.manager)
  }
}

/** An object with another UID is not the one to remove: it has replaced it. Entries of other owners stay. */
function compareRemove(change: Remove, found: KubernetesObject | undefined, manager: string): Step {
  const live = change.uid === undefined || found?.metadata.uid === change.uid ? found : undefined
  const merged = live && withForeignEntries(live, manager)
  return {change, ref: change.target, verdict: merged ? 'update' : live ? 'remove' : 'unchanged', live, merged}
}

async function compareCreate(comparison: Comparison, change: Apply): Promise<Step> {
  const {cluster, options} = comparison
  const ref = targetOf(change)
  const object = change.stays
    ? markParent(change.object, undefined, options.documentSet)
    : asMember(change.object, applySetId(change.memberOf ?? options.set))
  if (change.pending === undefined && needsDryRun(comparison, object))
    await cluster.apply(object, {dryRun: true, force: options.force})
  return {change: {...change, object}, ref, verdict: 'create', live: undefined, merged: object}
}

/** @param isLabelled the object has the right label of its ApplySet already */
async function compareApply(
  comparison: Comparison,
  change: Apply,
  live: KubernetesObject,
  isLabelled = false,
): Promise<Step> {
  const {cluster, options} = comparison
  const ref = targetOf(change)
  const labelled = isLabelled ? change.object : keepMembership(comparison, change, live)
  const object = leaveToControllers(labelled, live, options.manager)
  const isPending = change.pending !== undefined
  const step = {change: {...change, object}, ref, live}
  if (isUnchanged(step.change, live, options)) return {...step, verdict: 'unchanged', merged: live}
  try {
    // An incomplete object is dry-run too, so that its conflicts appear before the first write.
    const merged = await cluster.apply(object, {dryRun: true, force: options.force})
    if (isPending) return {...step, verdict: 'update', merged: object}
    // Without the answer, which a large mesh would have to keep for each pair of clusters.
    if (!differs(live, merged)) return {...step, verdict: 'unchanged', merged: live}
    return {...step, verdict: 'update', merged}
  } catch (error) {
    if (!isLabelled && isOnlyLabel(error, live)) {
      const relabelled = {...change, object: asMember(object, live.metadata.labels?.[partOfLabel] ?? '')}
      return {...(await compareApply(comparison, relabelled, live, true)), relabelled: true}
    }
    return compareRefused(comparison, step, error)
  }
}

/** A conflict has the result with --force-conflicts: a diff against our fields alone would show all other fields as removed. */
async function compareRefused(
  {cluster, name}: Comparison,
  step: {change: Apply; ref: ObjectRef; live: KubernetesObject},
  refusal: unknown,
): Promise<Step> {
  const {change, ref, live} = step
  try {
    if (!(refusal instanceof ConflictError)) throw refusal
    const merged = await cluster.apply(change.object, {dryRun: true, force: true})
    return {...step, verdict: 'conflict', merged, problem: applyConflict(name, cluster, ref, refusal.conflicts)}
  } catch (error) {
    const problem = immutableConflict(name, cluster, live, error)
    if (!problem) throw error
    return {...step, verdict: 'conflict', merged: live, problem}
  }
}

function isUnchanged({object, pending}: Apply, live: KubernetesObject, {manager}: CompareOptions): boolean {
  return pending === undefined && (isKnownUnchanged(object, live, manager) || alreadyMatches(object, live, manager))
}

/** The list of members decides which objects are ours, so another tool's label on one is no reason to stop. */
function isOnlyLabel(error: unknown, {metadata}: KubernetesObject): boolean {
  if (!(error instanceof ConflictError)) return false
  const {conflicts} = error
  const isSet = metadata.labels?.[partOfLabel] !== undefined
  return isSet && conflicts.length > 0 && conflicts.every(({field}) => field === `.metadata.labels.${partOfLabel}`)
}

/**
 * Only objects that kubectl-mesh created may be pruned, so an existing object does not become a member. A member of any
 * set keeps its label, because an apply without it would remove it. A member of a former or replaced set gets the new label.
 */
function keepMembership({options, lists}: Comparison, change: Apply, live: KubernetesObject): KubernetesObject {
  const {object, stays, memberOf: set = options.set} = change
  const label = live.metadata.labels?.[partOfLabel]
  if (stays) return markParent(object, live, options.documentSet)
  if (label === undefined) return object
  const isMember = isListed(live, lists(set)) || joinsList(live, set, lists, options.manager)
  return asMember(object, isMember ? applySetId(set) : label)
}

/** Returns whether to dry-run a new object, and counts it. */
function needsDryRun({newNamespaces, newKinds, newRoles, dryRuns}: Comparison, object: KubernetesObject): boolean {
  const ref = refOf(object)
  const role = roleOf(object)
  if (role && newRoles.has(refKey(role))) return false
  if (ref.namespace && newNamespaces.has(ref.namespace)) return false
  if (newKinds.has(`${groupOf(ref.apiVersion)}/${ref.kind}`)) return false
  const key = `${ref.apiVersion} ${ref.kind} ${ref.namespace ?? ''}`
  const count = dryRuns.get(key) ?? 0
  dryRuns.set(key, count + 1)
  return count < maxDryRuns
}

function compareEdit({options, name}: Comparison, change: Edit, live: KubernetesObject | undefined): Step {
  const ref = change.target
  if (!live) {
    if (change.create) return {change, ref, verdict: 'create', live, merged: objectOfEdit(change)}
    if (change.undoes) return {change, ref, verdict: 'unchanged', live, merged: undefined}
    return {change, ref, verdict: 'conflict', live, merged: undefined, problem: missingTarget(name, ref)}
  }
  const {merged, patch, overwritten} = editObject(live, change.edits, options.manager)
  if (!patch) return {change, ref, verdict: 'unchanged', live, merged: live}
  if (overwritten.length === 0 || options.force) return {change, ref, verdict: 'update', live, merged}
  return {change, ref, verdict: 'conflict', live, merged, problem: editConflict(name, ref, overwritten)}
}
