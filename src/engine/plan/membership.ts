import {refusedError} from '../../errors.ts'
import {contextFlags} from '../../spec/context-ref.ts'
import {someOf} from '../../text/count.ts'
import {shellWord} from '../../text/shell-word.ts'
import type {Cluster} from '../cluster/cluster.ts'
import {knownResource} from '../cluster/resources.ts'
import {type ApplySet, applySetId, applySetParentRef, partOfLabel} from '../kubernetes/applyset.ts'
import {isBlank, type MemberList, type Members, memberListOf} from '../kubernetes/member-record.ts'
import {groupOf, type KubernetesObject, nameOf, type ObjectKind, refKey, refOf} from '../kubernetes/object.ts'
import {readLive} from './live.ts'
import {isManagedBy} from './managed.ts'
import {readReplacedParents, replacingSet} from './replaced-sets.ts'
import {joinsList} from './step-membership.ts'

/** What exists of an ApplySet in one cluster. */
export interface Membership {
  /** The set's parent, which lists the members. */
  parent: KubernetesObject | undefined
  /** The set with those that it replaces, for `compareCluster`. */
  set: ApplySet
  /** Parents of the sets that it replaces, the oldest first. Their members are among the objects. */
  replaced: readonly KubernetesObject[]
  /** Live objects that kubectl-mesh created. Only these may be removed. Namespaces are not among them. */
  objects: readonly KubernetesObject[]
  /**
   * Live objects that carry the label of the set but are not in its list. They are reported, and left alone without
   * `--trust-labels`; those that cannot be members of the set are left alone even with it.
   */
  unrecorded: readonly KubernetesObject[]
  /** Namespaces that kubectl-mesh created for the set, with their UIDs. */
  namespaces: ReadonlyMap<string, string>
  /** Whether an object is one that kubectl-mesh created for the set, by its UID. */
  owns(object: KubernetesObject): boolean
  /**
   * Whether version 0.1.0, which had no list, seems to have created an object: by its label and its field manager. An apply
   * of the object adds it to the list.
   */
  adopts(object: KubernetesObject, manager: string): boolean
}

/** How members are found. */
export interface MembershipOptions {
  /** Also treat objects as ours that only carry the label, if they can be members of the set: `--trust-labels`. */
  trustLabels?: boolean
  /** Read only what the list names, and do not search for other objects that carry the label. */
  onlyListed?: boolean
}

/**
 * Reads the members of an ApplySet. Sends one LIST per kind, in parallel, to find objects that carry its label, unless `onlyListed` is set.
 *
 * The list in the parent decides. A parent of version 0.1.0 has none: then only labelled objects in the namespace of the
 * parent count as ours, because namespace administrators cannot write there. Without a parent, nothing is ours: it is created
 * first and removed last.
 *
 * @throws ApiError, UnreachableError; MeshError (exit 3) for an invalid list
 */
export async function readMembership(
  cluster: Cluster,
  set: ApplySet,
  options: MembershipOptions = {},
): Promise<Membership> {
  // First the parents: a snapshot then has that of the set too.
  const replaced = await readReplacedParents(cluster, set)
  const own = await readSet(cluster, set, options)
  const replacing = replaced.length === 0 ? set : replacingSet(set, replaced)
  const others = await Promise.all((replacing.replaces ?? []).map(one => readSet(cluster, one, options)))
  const all = [own, ...others]
  const recorded = unique(all.flatMap(one => one.recorded))
  const uids = new Set(recorded.map(({metadata}) => metadata.uid))
  const unrecorded = unique(all.flatMap(one => one.unrecorded)).filter(({metadata}) => !uids.has(metadata.uid))
  const trusted = options.trustLabels ? unrecorded.filter(object => isPossible(set, object)) : []
  return {
    parent: own.parent,
    set: replacing,
    replaced,
    objects: [...recorded, ...trusted],
    unrecorded,
    namespaces: new Map(all.flatMap(one => [...one.namespaces])),
    owns: object => all.some(one => one.owns(object)),
    adopts: (object, manager) => all.some(one => one.adopts(object, manager)),
  }
}

/** An interrupted run has listed members of a replaced set already. */
function unique(objects: readonly KubernetesObject[]): KubernetesObject[] {
  return [...new Map(objects.map(object => [refKey(refOf(object)), object])).values()]
}

/** Reads the members of one set, without those that it replaces. */
async function readSet(
  cluster: Cluster,
  set: ApplySet,
  {trustLabels = false, onlyListed = false}: MembershipOptions,
): Promise<Omit<Membership, 'set' | 'replaced' | 'objects'> & {recorded: readonly KubernetesObject[]}> {
  const kinds = [...new Map(set.kinds.map(kind => [kindKey(kind), kind])).values()]
  const reading = cluster.get(applySetParentRef(set))
  // Members of version 0.1.0 can only be found by their label.
  const isSearched = !onlyListed || memberListOf(await reading) === 'old'
  const [parent, labelled] = await Promise.all([reading, isSearched ? readLabelled(cluster, set, kinds) : []])
  const list = memberListOf(parent)
  const members = list === 'old' ? undefined : list
  const owns = (object: KubernetesObject) => isOwned(object, set, list)
  const unlabelled = await readUnlabelled(cluster, kinds, members, labelled)
  const unproved = labelled.filter(object => !owns(object) && !isCopy(object))
  const trusted = new Set(
    trustLabels ? unproved.filter(one => isPossible(set, one)).map(({metadata}) => metadata.uid) : [],
  )
  const recorded = [...labelled.filter(owns), ...unlabelled.filter(owns)]
  refuseOutsiders(cluster, set, recorded)
  return {
    parent,
    recorded,
    unrecorded: unproved,
    namespaces: namespacesIn(members),
    owns: object => owns(object) || trusted.has(object.metadata.uid),
    adopts: (object, manager) => joinsList(object, set, () => list, manager),
  }
}

/** Whether an object can be a member of a set. A label makes no other object a member, not even with `--trust-labels`. */
function isPossible({contains}: ApplySet, object: KubernetesObject): boolean {
  return contains === undefined || contains(object)
}

/** @throws MeshError (exit 3) if the list of a set contains objects that cannot be its members */
function refuseOutsiders({context}: Cluster, set: ApplySet, all: readonly KubernetesObject[]) {
  const {name, namespace} = set
  const outside = all.filter(object => !isPossible(set, object))
  if (outside.length === 0) return
  const texts = outside.map(object => {
    const {namespace: where} = object.metadata
    return `${nameOf(refOf(object))}${where === undefined ? '' : ` in namespace ${where}`}`
  })
  throw refusedError(
    `${context}: ConfigMap ${name} in namespace ${namespace} lists objects that kubectl-mesh does not create for this namespace: ${someOf(texts, 10)}`,
    `check who wrote it: kubectl ${contextFlags(context)} -n ${shellWord(namespace)} get configmap ${shellWord(name)} -o yaml --show-managed-fields`,
  )
}

/** All objects that carry the label of a set. */
async function readLabelled(
  cluster: Cluster,
  set: ApplySet,
  kinds: readonly ObjectKind[],
): Promise<KubernetesObject[]> {
  const labelSelector = `${partOfLabel}=${applySetId(set)}`
  const lists = await Promise.all(kinds.map(kind => cluster.list(kind, {labelSelector, ...placeOf(set, kind)})))
  return lists.flat()
}

/** Where members of a kind can be: undefined for all namespaces. A kind that is not in the table of kinds is searched everywhere. */
function placeOf({inNamespace, namespace}: ApplySet, kind: ObjectKind): {namespace?: string} {
  return inNamespace && knownResource(kind)?.namespaced ? {namespace} : {}
}

function kindKey({apiVersion, kind}: ObjectKind): string {
  return `${groupOf(apiVersion)}/${kind}`
}

/** Members that have lost their label. */
async function readUnlabelled(
  cluster: Cluster,
  kinds: readonly ObjectKind[],
  members: Members | undefined,
  labelled: readonly KubernetesObject[],
): Promise<KubernetesObject[]> {
  const found = new Set(labelled.map(object => refKey(refOf(object))))
  const versions = new Map(kinds.map(kind => [kindKey(kind), kind.apiVersion]))
  const refs = [...(members?.values() ?? [])].flatMap(({ref}) => {
    // The version of the kind may have changed since the list was written.
    const apiVersion = versions.get(kindKey(ref))
    return apiVersion === undefined || found.has(refKey(ref)) ? [] : [{...ref, apiVersion}]
  })
  return [...(await readLive(cluster, refs)).values()]
}

/**
 * Whether the list of a set contains an object. Without a UID in the list, an interrupted run may have created it: then the
 * label decides, and its name is one that kubectl-mesh chose.
 */
function isOwned(object: KubernetesObject, set: ApplySet, list: MemberList): boolean {
  const isLabelled = object.metadata.labels?.[partOfLabel] === applySetId(set)
  if (list === 'old') return isLabelled && object.metadata.namespace === set.namespace && !isCopy(object)
  const member = list?.get(refKey(refOf(object)))
  if (!member) return false
  return member.uid === undefined ? isLabelled : member.uid === object.metadata.uid
}

/**
 * Returns the members of a set whose record is gone, such as after a restore of other objects, or lists nothing. Otherwise empty. A label
 * can be copied, so only those count that our field manager applied in the namespace of the record, where only administrators of the
 * mesh can write. Objects that are being deleted do not count: the record is removed last, and they may still exist then.
 *
 * @param manager our field manager
 */
export function lostMembers(
  {parent, replaced, unrecorded, set}: Pick<Membership, 'parent' | 'replaced' | 'unrecorded' | 'set'>,
  manager: string,
): KubernetesObject[] {
  if (!isBlank(memberListOf(parent)) || replaced.length > 0) return []
  return unrecorded
    .filter(({metadata}) => metadata.namespace === set.namespace && metadata.deletionTimestamp === undefined)
    .filter(object => isManagedBy(object, manager))
}

/** Controllers copy the labels of a member to objects that they create (EndpointSlices of a Service). */
function isCopy({metadata}: KubernetesObject): boolean {
  return (metadata.ownerReferences?.length ?? 0) > 0
}

/** Returns the namespaces in a list of members, with their UIDs. */
export function namespacesIn(members: Members | undefined): Map<string, string> {
  const all = [...(members?.values() ?? [])].filter(({ref}) => ref.kind === 'Namespace' && ref.apiVersion === 'v1')
  return new Map(all.flatMap(({ref, uid}) => (uid === undefined ? [] : [[ref.name, uid]])))
}

/**
 * Returns the live members of an ApplySet, for callers that need nothing else.
 *
 * @throws ApiError, UnreachableError; MeshError (exit 3) for an invalid list
 */
export async function membersOf(cluster: Cluster, set: ApplySet): Promise<readonly KubernetesObject[]> {
  return (await readMembership(cluster, set, {onlyListed: true})).objects
}
