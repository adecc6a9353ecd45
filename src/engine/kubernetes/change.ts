import {type KubernetesObject, type ObjectRef, refOf} from './object.ts'
import type {Wave} from './waves.ts'

/** Fields of every change. */
interface Common {
  /** Name of the cluster in the mesh (not of the kubeconfig context). */
  cluster: string
  /** Position in the order of changes: see `waves.ts`. */
  wave: Wave
}

/** A whole object that kubectl-mesh manages, or its fields of an existing object. Sent as a server-side apply. */
export interface Apply extends Common {
  action: 'apply'
  object: KubernetesObject
  /**
   * Why the object is not complete yet, as a text for the user. Earlier changes of the same run create what it lacks;
   * afterwards it is planned again, from new facts.
   */
  pending?: string
  /**
   * Not a member of the command's ApplySet, so that `remove` keeps it: the CA that issued the workload certificates.
   */
  stays?: true
  /** Id of the ApplySet that the object joins, if that is not the command's set. */
  memberOf?: string
}

/** One value in an object that has other managers too. */
export type FieldEdit =
  | {
      at: 'label' | 'annotation' | 'data'
      key: string
      /** undefined removes the key. */
      value: string | undefined
    }
  | {
      at: 'text'
      /** Path of the string in the object: `['data', 'mesh']`. */
      path: string[]
      /** Summary for the user: `extensionProviders: add my-authz`. */
      about: string
      /** Pure function from the current text to the desired text. Throws `MeshError` if it cannot parse the text. */
      edit: (text: string) => string
      /** The edit only removes something: it runs with the removals, after those of the objects that depend on it. */
      removes?: true
    }

/** Values in a shared object, changed under a `resourceVersion` precondition. Everything else stays byte for byte. */
export interface Edit extends Common {
  action: 'edit'
  target: ObjectRef
  edits: FieldEdit[]
  /**
   * Create the object with these values if it does not exist (a Namespace). Otherwise a missing target is a conflict.
   */
  create?: boolean
}

/** Deletes an object. */
export interface Remove extends Common {
  action: 'remove'
  target: ObjectRef
}

/** A desired change in one cluster: the only output of builders. */
export type Change = Apply | Edit | Remove

/** Returns the reference of the object that a change applies to. */
export function targetOf(change: Change): ObjectRef {
  return change.action === 'apply' ? refOf(change.object) : change.target
}
