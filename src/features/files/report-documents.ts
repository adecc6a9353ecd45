import type {MeshDocument} from '../../spec/documents/document.ts'
import type {DocumentProblem} from '../../spec/documents/problem.ts'
import type {Listing} from '../../terminal/list/listing.ts'
import type {Verified} from '../../terminal/output/verify.ts'

/** Warns of folders that are not read. */
export function skippedLines(folders: readonly string[]): string[] {
  if (folders.length === 0) return []
  return [
    `warning: not read: ${folders.map(folder => `${folder}/`).join(', ')}`,
    'hint:    -R also reads folders in a folder',
  ]
}

/** Returns the rows of valid documents. The JSON document also contains the problems of the others. */
export function documentListing(
  documents: readonly MeshDocument[],
  problems: readonly DocumentProblem[],
): Listing<MeshDocument> {
  return {
    rows: documents,
    columns: [
      {head: 'KIND', cell: ({kind}) => kind.kind},
      {head: 'NAME', cell: ({name}) => name},
      {head: 'CONTEXT', cell: contextOf},
      {head: 'FILE', cell: ({file, line}) => `${file}:${line}`},
    ],
    document: items => ({documents: items, problems: problems.map(problemItem)}),
    item: ({kind, name, context, file, line, column}) => ({kind: kind.kind, name, context, file, line, column}),
    name: ({kind, name}) => `${kind.kind}/${name}`,
  }
}

/** Returns one test suite for each file, which fails if one of its documents is not valid. */
export function validationOf(documents: readonly MeshDocument[], problems: readonly DocumentProblem[]): Verified[] {
  const files = [...new Set([...documents, ...problems].map(({file}) => file))]
  return files.map(file => ({
    title: file,
    checks: [{id: 'valid', about: 'its documents are valid'}],
    findings: problems
      .filter(problem => problem.file === file)
      .map(({line, column, message, hints = []}) => ({
        ...{check: 'valid', level: 'error', hints},
        message: `${line}:${column}: ${message}`,
      })),
  }))
}

function contextOf({context, spec}: MeshDocument): string {
  return context ?? (Array.isArray(spec.contexts) ? spec.contexts.join(',') : '')
}

function problemItem({file, line, column, message, hints}: DocumentProblem): object {
  return {file, line, column, message, hints: hints ?? []}
}
