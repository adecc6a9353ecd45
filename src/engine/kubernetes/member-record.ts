import {refusedError} from '../../errors.ts'
import {idLabel} from './applyset-parent.ts'
import {setAnnotationFor} from './document-set.ts'
import {type KubernetesObject, type ObjectRef, refKey} from './object.ts'

// Anyone who can write an object can copy a label to it. The parent ConfigMap of an ApplySet is in a namespace that only
// mesh administrators can write. Its list of members therefore decides which objects are ours.

/** Key of the member list in the data of the parent ConfigMap. */
export const membersKey = 'members'

/** An object that kubectl-mesh created or is about to create. */
export interface Member {
  ref: ObjectRef
  /** UID of the created object. Undefined between the intent to create it and its creation. */
  uid: string | undefined
}

/** Members by `refKey`. */
export type Members = Map<string, Member>

/**
 * Annotation of a parent that a version with lists created. Its list is written after it, with the first member. Until then,
 * nothing distinguishes it from a parent of version 0.1.0, whose members have to be found by their labels.
 */
const listedAnnotation = 'kubectl-mesh.io/lists-members'

/** Maximum length of a list in bytes. A ConfigMap holds 1 MiB (Kubernetes documentation, "ConfigMaps"). */
const maxBytes = 1_000_000

/** Stands for a missing namespace or UID. */
const none = '-'

/**
 * Returns the members that a parent lists. Undefined without a list: kubectl-mesh 0.1.0 wrote the parent, or it has had no
 * member yet.
 *
 * @throws MeshError (exit 3) for a text that kubectl-mesh does not write
 */
export function parseMembers(parent: KubernetesObject | undefined): Members | undefined {
  const text = (parent?.data as Record<string, string> | undefined)?.[membersKey]
  if (parent === undefined || text === undefined) return undefined
  const members: Members = new Map()
  for (const line of text.split('\n').filter(line => line !== '')) {
    const member = parseLine(line)
    if (!member) {
      const {namespace, name} = parent.metadata
      throw refusedError(
        `configmap/${name} in namespace ${namespace}: the value of ${membersKey} is not a list of objects that kubectl-mesh wrote`,
        'restore the ConfigMap from a backup',
      )
    }
    members.set(refKey(member.ref), member)
  }
  return members
}

/** The list of a parent. `old`: version 0.1.0 wrote the parent, without a list. Undefined: there is no member yet. */
export type MemberList = Members | 'old' | undefined

/**
 * Returns the list of a parent, which may not exist.
 *
 * @throws MeshError (exit 3) for a text that kubectl-mesh does not write
 */
export function memberListOf(parent: KubernetesObject | undefined): MemberList {
  return parseMembers(parent) ?? (parent && !isMarked(parent) ? 'old' : undefined)
}

/** Returns whether a list proves nothing: the record is gone, or lists no object, such as after a mistake in an edit. */
export function isBlank(list: MemberList): boolean {
  return list === undefined || (list !== 'old' && list.size === 0)
}

function isMarked({metadata}: KubernetesObject): boolean {
  return metadata.annotations?.[listedAnnotation] !== undefined
}

/**
 * Returns a parent as it is applied: a new one gets the annotation that it has a list, and keeps it. So does the one that a set
 * of mesh files creates.
 *
 * @param parent the parent of a set, or any other object, which is returned unchanged
 * @param live the existing object
 * @param documentSet name of the set of mesh files that the run applies
 */
export function markParent(
  parent: KubernetesObject,
  live: KubernetesObject | undefined,
  documentSet?: string | undefined,
): KubernetesObject {
  const {metadata} = parent
  if (metadata.labels?.[idLabel] === undefined) return parent
  const marks = {
    ...(live && !isMarked(live) ? {} : {[listedAnnotation]: 'yes'}),
    ...setAnnotationFor(parent, live, documentSet),
  }
  return {...parent, metadata: {...metadata, annotations: {...metadata.annotations, ...marks}}}
}

function parseLine(line: string): Member | undefined {
  const words = line.split(' ')
  const [apiVersion = '', kind = '', namespace = '', name = '', uid = ''] = words
  if (words.length !== 5 || words.includes('')) return undefined
  const ref = {apiVersion, kind, ...(namespace === none ? {} : {namespace}), name}
  return {ref, uid: uid === none ? undefined : uid}
}

/** Returns the text of a list without some members. All other lines stay as they are. */
export function withoutMembers(list: string, refs: readonly ObjectRef[]): string {
  const keys = new Set(refs.map(refKey))
  const isDropped = (line: string) => {
    const member = parseLine(line)
    return member !== undefined && keys.has(refKey(member.ref))
  }
  return list
    .split('\n')
    .filter(line => !isDropped(line))
    .join('\n')
}

/**
 * Returns the text of a list: one line per member, `APIVERSION KIND NAMESPACE NAME UID`, sorted. Parts contain no spaces.
 *
 * @throws MeshError (exit 3) if it does not fit into a ConfigMap
 */
export function formatMembers(members: Members): string {
  const lines = [...members.values()].map(({ref: {apiVersion, kind, namespace = none, name}, uid = none}) =>
    [apiVersion, kind, namespace, name, uid].join(' '),
  )
  const text = lines
    .sort()
    .map(line => `${line}\n`)
    .join('')
  if (Buffer.byteLength(text) > maxBytes)
    throw refusedError(`the list of ${lines.length} created objects does not fit into a ConfigMap (1 MB)`)
  return text
}
