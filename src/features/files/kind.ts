import type {ExitCode} from '../../errors.ts'
import type {ExportedDocument, LiveCluster} from '../../mesh/exported/exported.ts'
import type {Run} from '../../run/run.ts'
import type {MeshDocument} from '../../spec/documents/document.ts'
import {lineForFile} from '../../spec/documents/file-keys.ts'
import type {DocumentKind} from '../../spec/documents/kind.ts'
import type {Raw, Schema} from '../../spec/field.ts'

/**
 * A kind of document with the command that applies it. The commands pass the kinds, because features do not import each other.
 */
export interface AppliedKind extends DocumentKind {
  /** The command words after `kubectl mesh`: `tenant add`. */
  command: string
  /** Kinds that are applied before this one in clusters that both concern. */
  after: readonly string[]
  /**
   * Plans or applies one document, as its command does.
   *
   * @param context kubeconfig context of a document for one cluster; '' for the current one
   */
  apply(raw: Record<string, Raw>, context: string, run: Run): Promise<ExitCode>
  /**
   * Returns the documents that apply what some clusters have. Only reads.
   *
   * @throws ApiError, UnreachableError
   */
  exported(clusters: readonly LiveCluster[]): Promise<ExportedDocument[]>
  /** How `--prune` removes a document. Undefined for a kind whose documents have no separate record. */
  removal?: KindRemoval
}

/** A part of a document that can be removed without the others, such as one of several add-ons. */
export interface DocumentPart {
  /** Context of its cluster. */
  context: string
  /** Unique among the parts of a kind in a cluster. */
  key: string
  /** For messages. */
  name: string
}

/** The values of a document by field name: its Spec, or the input that `exported` returns. */
export type DocumentValues = Readonly<Record<string, unknown>>

/** The removal of what a kind of document creates, with the function of its command. */
export interface KindRemoval {
  /** The command words after `kubectl mesh`: `tenant remove`. */
  command: string
  /** The fields of that command. */
  fields: Schema
  /**
   * Returns the parts of a document.
   *
   * @param context context of a document for one cluster, otherwise ''
   */
  partsOf(values: DocumentValues, context: string): DocumentPart[]
  /** Returns the input that removes some parts of a document. */
  rawOf(values: DocumentValues, gone: readonly DocumentPart[], kept: readonly DocumentPart[]): Record<string, Raw>
  remove: AppliedKind['apply']
}

/** A valid document that can be applied. */
export interface AppliedDocument extends MeshDocument<AppliedKind> {
  /** It is no longer in the files. Applying it removes what it has created. */
  pruned?: true
}

/** Returns a line about a document, with its keys in the place of flags. A removal has no keys. */
export function lineOf(text: string, {kind, pruned}: AppliedDocument): string {
  return pruned ? text : lineForFile(text, kind.fields)
}

/** The name of a document in messages: `Tenant shop (mesh.yaml:3)`. */
export function titleOf({kind, name, file, line, pruned}: AppliedDocument): string {
  return `${kind.kind} ${name} (${pruned ? 'no longer in the files' : `${file}:${line}`})`
}
