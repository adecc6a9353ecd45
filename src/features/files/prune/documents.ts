import type {ExportedDocument} from '../../../mesh/exported/exported.ts'
import {isForOneCluster} from '../../../spec/documents/kind.ts'
import {readSpec} from '../../../spec/read.ts'
import {shellWord} from '../../../text/shell-word.ts'
import type {AppliedDocument, AppliedKind, DocumentPart, KindRemoval} from '../kind.ts'

/** Returns the kind whose documents remove what documents of another kind have created. */
export function removalKind(kind: AppliedKind, {command, fields, remove}: KindRemoval): AppliedKind {
  return {...kind, command, fields, validate: () => [], claims: () => [], apply: remove}
}

/**
 * Returns a warning for each document that would remove clusters which `spec.clusters` of the files no longer selects; empty if no
 * document selects any. They stay: a label that is missing for a moment, or an author of the inventory, must not tear a mesh apart.
 *
 * @param own the documents of this kind in the files
 * @param gone what the set has created and the files no longer contain
 * @param connection flags for the command that removes them
 */
export function unselectedLines(
  own: readonly Pick<AppliedDocument, 'spec'>[],
  gone: readonly Pick<AppliedDocument, 'name' | 'raw' | 'kind'>[],
  connection = '',
): string[] {
  if (own.every(({spec}) => spec.clusters === undefined)) return []
  return gone.flatMap(({name, raw, kind}) => {
    const words = ['contexts', 'from'].flatMap(field => [`--${field}`, shellWord((raw[field] as string[]).join(','))])
    const command = ['kubectl mesh', kind.command, ...(connection === '' ? [] : [connection]), ...words].join(' ')
    return [
      `warning: ${kind.kind} ${name} stays: the files select clusters by labels, and --prune removes none that is no longer selected`,
      `hint:    to remove: ${command}`,
    ]
  })
}

/**
 * Returns the document that removes some parts of another one.
 *
 * @param exported what the clusters have
 * @param gone the parts to remove
 * @param kept the other parts
 */
export function prunedDocument(
  kind: AppliedKind,
  removal: KindRemoval,
  exported: Pick<ExportedDocument, 'context' | 'raw'>,
  gone: readonly DocumentPart[],
  kept: readonly DocumentPart[],
): AppliedDocument {
  const raw = removal.rawOf(exported.raw, gone, kept)
  return {
    kind: removalKind(kind, removal),
    name: gone.map(({name}) => name).join(','),
    context: isForOneCluster(removal.fields) ? (exported.context ?? '') : undefined,
    raw,
    spec: readSpec(removal.fields, raw),
    pruned: true,
    file: '',
    line: 0,
    column: 0,
    positionOf: () => ({line: 0, column: 0}),
  }
}
