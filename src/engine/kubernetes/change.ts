import type {KubernetesObject, ObjectRef} from './object.ts'
import type {Wave} from './waves.ts'

/** What every change carries. */
interface Common {
  /** Name of the cluster in the mesh (not of the kubeconfig context). */
  cluster: string
  /** When it is made, relative to the other changes: see `waves.ts`. */
  wave: Wave
}

/** An object of ours, or our fields of an object that was there before. Sent as a server-side apply. */
export interface Apply extends Common {
  action: 'apply'
  object: KubernetesObject
  /**
   * Why the object is not complete yet, in words for the user: what it waits for is made by earlier changes of the same
   * run. It is planned again, from facts read anew, after the waves before it.
   */
  pending?: string
  /** Not a member of the command's ApplySet: it stays when the command's work is removed (a CA that certificates hang on). */
  stays?: true
  /** Id of the ApplySet that it becomes a member of, where that is not the command's own. */
  memberOf?: string
}

/** One value inside an object that others share with us. */
export type FieldEdit =
  | {
      at: 'label' | 'annotation' | 'data'
      key: string
      /** undefined removes it */
      value: string | undefined
    }
  | {
      at: 'text'
      /** Path to the string inside the object: `['data', 'mesh']`. */
      path: string[]
      /** What the change is about, for people: `extensionProviders: add my-authz`. */
      about: string
      /** Pure: the text as it is → the text as it should be. Throws `MeshError` on a text it can't read. */
      edit: (text: string) => string
      /** Takes something away: comes with the removals, after what hangs on it. */
      removes?: true
    }

/** Values inside a shared object: changed under a `resourceVersion` precondition, all else is kept byte for byte. */
export interface Edit extends Common {
  action: 'edit'
  target: ObjectRef
  edits: FieldEdit[]
  /** Make the object with these values when it is not there (a Namespace). Without it a missing target is a conflict. */
  create?: boolean
}

/** Takes an object away. */
export interface Remove extends Common {
  action: 'remove'
  target: ObjectRef
}

/** What a builder wants to be true in a cluster. Builders return these and nothing else. */
export type Change = Apply | Edit | Remove

/** The object that a change is about. */
export function targetOf(change: Change): ObjectRef {
  if (change.action !== 'apply') return change.target
  const {apiVersion, kind, metadata} = change.object
  return {apiVersion, kind, ...(metadata.namespace ? {namespace: metadata.namespace} : {}), name: metadata.name}
}
