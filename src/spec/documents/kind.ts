import type {Problem} from '../../errors.ts'
import type {Schema, SpecOf} from '../field.ts'

/** Version of the mesh file format. */
export const meshFileVersion = 'kubectl-mesh.io/v1alpha1'

/** A kind of document in mesh files. */
export interface DocumentKind {
  kind: string
  /** The fields of `spec`, by their name in the Spec. */
  fields: Schema
  /** Cross-field validation of a valid Spec. */
  validate(spec: SpecOf<Schema>): Problem[]
  /** Returns the name of a document without `metadata.name` (default: the kind in lower case). */
  nameOf?(spec: SpecOf<Schema>): string | undefined
  /**
   * Returns what only one document of the kind may define, such as a tenant or a host at a gateway, as it is named in messages.
   * Two documents for the same cluster that return the same text claim the same object.
   */
  claims(spec: SpecOf<Schema>): string[]
}

/** Kinds by name. The code of a kind is loaded when a document uses it. */
export type DocumentKinds<K extends DocumentKind = DocumentKind> = Readonly<Record<string, () => Promise<K>>>

/** Whether documents of a kind are for one cluster, and name it with `spec.context`. The others have a list, `contexts`. */
export function isForOneCluster(fields: Schema): boolean {
  return !('contexts' in fields)
}

/** Returns the field that has the value of `metadata.name` unless `spec` sets it. Undefined if the kind has none. */
export function nameFieldOf(fields: Schema): string | undefined {
  return fields.name?.argument ? 'name' : undefined
}
