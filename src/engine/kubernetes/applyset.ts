import {createHash} from 'node:crypto'
import type {KubernetesObject, ObjectKind, ObjectRef} from './object.ts'

// kubectl's ApplySets (Kubernetes KEP-3659). A parent object represents a set, and each member has the set's id as a
// label. The label only helps to find objects: the list of members in the parent decides (`member-record.ts`). It is in the
// cluster itself, so `remove` and prune find exactly what a command created, from any machine.

/** Label of a member. Its value is the id of the set. */
export const partOfLabel = 'applyset.kubernetes.io/part-of'

/** The objects of one command in one cluster. */
export interface ApplySet {
  /** Name of the parent ConfigMap: `kubectl-mesh-federation`. */
  name: string
  /** A namespace that only mesh administrators can write: the parent decides what is removed. */
  namespace: string
  /** All kinds that the command can create. A removal searches these kinds for members. */
  kinds: readonly ObjectKind[]
  /**
   * The set of version 0.1.0 for the same objects, if its parent was in a namespace that others can write. Objects that carry
   * its label join this set when they are applied.
   */
  former?: {name: string; namespace: string}
  /**
   * Whether an object can be a member. A list that contains another object is refused: whoever administers the namespace of the
   * parent may have written it. `--trust-labels` ignores the label of any other object.
   */
  contains?: (object: KubernetesObject) => boolean
  /** All members with a namespace are in that of the parent, so that no other one is searched. */
  inNamespace?: true
  /** In version 0.1.0, a revision was part of the name: `NAME-REVISION`. The set replaces all of these sets. */
  hadRevisions?: true
  /** The sets that the next write replaces: `readMembership` finds them. */
  replaces?: readonly ApplySet[]
}

/** Returns the id of a set: a hash of its parent's name, namespace, kind and group (KEP-3659, "ApplySet ID"). */
export function applySetId(set: Pick<ApplySet, 'name' | 'namespace'>): string {
  const hash = createHash('sha256').update(`${set.name}.${set.namespace}.ConfigMap.`).digest('base64url')
  return `applyset-${hash}-v1`
}

/** Returns whether an object carries the label of the set's `former` set. */
export function isFormerMember({former}: ApplySet, object: KubernetesObject): boolean {
  return former !== undefined && object.metadata.labels?.[partOfLabel] === applySetId(former)
}

/** Returns the reference of a set's parent. */
export function applySetParentRef(set: ApplySet): ObjectRef {
  return {apiVersion: 'v1', kind: 'ConfigMap', namespace: set.namespace, name: set.name}
}

/** Returns a copy of an object with the label that makes it a member of a set. */
export function asMember(object: KubernetesObject, id: string): KubernetesObject {
  return {...object, metadata: {...object.metadata, labels: {...object.metadata.labels, [partOfLabel]: id}}}
}
