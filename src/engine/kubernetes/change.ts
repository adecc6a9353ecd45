import type {Json} from '../../text/json.ts'
import type {ApplySet} from './applyset.ts'
import type {Manager} from './manager.ts'
import {type KubernetesObject, type ObjectRef, refKey, refOf} from './object.ts'
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
  /** The ApplySet that the object joins, if that is not the command's set. */
  memberOf?: ApplySet
}

/** One value in an object that has other managers too. */
export type FieldEdit =
  | {
      at: 'label' | 'annotation' | 'data'
      key: string
      /** undefined removes the key. */
      value: string | undefined
      /** The user named what the key stands for: its owner is no conflict. */
      anyOwner?: true
    }
  | {
      at: 'text'
      /** Path of the string in the object: `['data', 'mesh']`. */
      path: string[]
      /** Summary for the user: `extensionProviders: add my-authz`. */
      about: string
      /**
       * Pure function from the current text to the desired text; undefined removes it. Throws `MeshError` if it cannot parse
       * the text.
       */
      edit: (text: string) => string | undefined
      /** The edit only removes something: it runs with the removals, after those of the objects that depend on it. */
      removes?: true
    }
  | {
      at: 'entries'
      /** Path of a list in the object: `['webhooks']`. */
      path: string[]
      /** Summary for the user: `remove the entries of t1`. */
      about: string
      /** Pure function: whether an entry stays. */
      keeps: (entry: unknown) => boolean
      /** An entry to append, unless the list has it. */
      add?: Json
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
  /** kubectl-mesh created the object earlier, although the list of members may lack its UID. The list gets it. */
  isOurs?: boolean
  /**
   * The edit takes back what an earlier run has set. A missing target is no conflict then, and a manager that reverts the edit
   * does no harm.
   */
  undoes?: true
  /** What the user has to know before the edit of an object that another tool manages. */
  ifReverted?: IfReverted
}

/** Describes the consequence of an edit that a tool reverts, and the durable way. */
export interface IfReverted {
  /** What happens then, as a sentence without a full stop. */
  effect: string
  /** Hints: how to make the change where the tool reads it. */
  instead: (manager: Manager) => string[]
}

/** Deletes an object. */
export interface Remove extends Common {
  action: 'remove'
  target: ObjectRef
  /** Delete only the object with this UID. A new object of the same name has another owner and stays. */
  uid?: string
  /** The ApplySet whose list the object leaves, if that is not the command's set. */
  memberOf?: ApplySet
}

/** A desired change in one cluster: the only output of builders. */
export type Change = Apply | Edit | Remove

/** Returns the reference of the object that a change applies to. */
export function targetOf(change: Change): ObjectRef {
  return change.action === 'apply' ? refOf(change.object) : change.target
}

/** Returns a function that tests whether one of the changes refers to an object. */
export function isTargetOf(changes: readonly Change[]): (object: KubernetesObject) => boolean {
  const targets = new Set(changes.map(change => refKey(targetOf(change))))
  return object => targets.has(refKey(refOf(object)))
}

/** Returns the references of the objects that changes delete. */
export function removedBy(changes: readonly Change[]): ObjectRef[] {
  return changes.flatMap(change => (change.action === 'remove' ? [change.target] : []))
}
