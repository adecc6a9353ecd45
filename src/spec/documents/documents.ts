import {MeshError, type Problem} from '../../errors.ts'
import {type Field, FieldProblem, fileKeyOf, type Raw, type Schema} from '../field.ts'
import {readSpec} from '../read.ts'
import {duplicateProblems} from './claims.ts'
import type {MeshDocument} from './document.ts'
import {namedKeys, withFileKeys} from './file-keys.ts'
import {type DocumentKind, type DocumentKinds, isForOneCluster} from './kind.ts'
import {kindNamed, unknownKind} from './known-kinds.ts'
import {type ParsedDocument, parseSource} from './parse.ts'
import {type DocumentProblem, documentError} from './problem.ts'
import {readInput} from './read-input.ts'
import {readSources} from './sources.ts'

/** What the user named. */
export interface DocumentChoice {
  /** Files and folders; `-` for stdin. */
  paths: readonly string[]
  /** Also read folders in folders. */
  recursive: boolean
  /** Context of documents for one cluster that name none; '' for the current one. */
  context: string
}

/** The valid documents, in the order of files and lines, and the problems of all others. */
export interface ReadDocuments<K extends DocumentKind = DocumentKind> {
  documents: MeshDocument<K>[]
  problems: DocumentProblem[]
  /** Number of files. */
  files: number
}

/**
 * Reads and validates all documents. Needs no cluster.
 *
 * @throws MeshError (exit 2) if there is a problem: all of them, each with file, line and column
 */
export async function readDocuments<K extends DocumentKind>(
  choice: DocumentChoice,
  kinds: DocumentKinds<K>,
): Promise<MeshDocument<K>[]> {
  const {documents, problems} = await checkDocuments(choice, kinds)
  if (problems.length > 0) throw documentError(problems)
  return documents
}

/**
 * Reads and validates all documents like `readDocuments`, and returns their problems.
 *
 * @throws MeshError (exit 2) if a file cannot be read
 */
export async function checkDocuments<K extends DocumentKind>(
  choice: DocumentChoice,
  kinds: DocumentKinds<K>,
): Promise<ReadDocuments<K>> {
  const sources = await readSources(choice.paths, choice.recursive)
  const result: ReadDocuments<K> = {documents: [], problems: [], files: sources.length}
  for (const source of sources) {
    const parsed = parseSource(source)
    const checked = await Promise.all(parsed.documents.map(one => checkDocument(one, choice.context, kinds)))
    const problems = [...parsed.problems, ...checked.flatMap(one => one.problems)]
    result.problems.push(...problems.toSorted((a, b) => a.line - b.line || a.column - b.column))
    result.documents.push(...checked.flatMap(({valid}) => valid ?? []))
  }
  result.problems.push(...duplicateProblems(result.documents))
  return result
}

/** A valid document, or its problems. */
export interface Checked<K extends DocumentKind = DocumentKind> {
  valid?: MeshDocument<K>
  problems: DocumentProblem[]
}

/**
 * Validates one document.
 *
 * @param context of a document for one cluster that names none
 */
export async function checkDocument<K extends DocumentKind>(
  document: ParsedDocument,
  context: string,
  kinds: DocumentKinds<K>,
): Promise<Checked<K>> {
  const kind = await kindNamed(kinds, document.kind)
  if (!kind) {
    const {file, yaml} = document
    return {problems: [{file, ...yaml.positionOf(['kind']), ...unknownKind(document.kind, kinds)}]}
  }
  const input = readInput(document, kind.fields)
  const problems = [...input.problems, ...fieldProblems(document, kind.fields, input.raw)]
  if (problems.length > 0) return {problems}
  const {file, yaml} = document
  try {
    const spec = readSpec(kind.fields, input.raw, values => kind.validate(values))
    const name = document.name ?? nameOf(kind, spec)
    const own = isForOneCluster(kind.fields) ? (input.context ?? context) : undefined
    return {
      valid: {kind, name, spec, file, ...yaml.start, positionOf: yaml.positionOf, raw: input.raw, context: own},
      problems,
    }
  } catch (error) {
    if (!(error instanceof MeshError)) throw error
    return {problems: error.problems.map(problem => inFile(problem, document, kind.fields))}
  }
}

function nameOf(kind: DocumentKind, spec: Readonly<Record<string, unknown>>): string {
  const named = 'name' in kind.fields && typeof spec.name === 'string' ? spec.name : undefined
  return named ?? kind.nameOf?.(spec) ?? kind.kind.toLowerCase()
}

function fieldProblems({file, yaml}: ParsedDocument, fields: Schema, raw: Record<string, Raw>): DocumentProblem[] {
  return Object.entries(raw).flatMap(([name, value]) => {
    const field = fields[name]!
    const message = problemOf(field, value)
    if (message === undefined) return []
    const key = fileKeyOf(field)
    return [{file, ...yaml.positionOf(['spec', key]), message: `spec.${key} ${message}`}]
  })
}

function problemOf(field: Field<unknown>, value: Raw): string | undefined {
  if (value === undefined || value === null) return undefined
  try {
    field.parse(value)
    return undefined
  } catch (error) {
    if (error instanceof FieldProblem) return error.message
    throw error
  }
}

/** A cross-field problem names flags. The first that the document sets is its place, and keys replace all of them. */
function inFile({message, hints = []}: Problem, {file, yaml, input}: ParsedDocument, fields: Schema): DocumentProblem {
  const key = namedKeys(message, fields).find(one => Object.hasOwn(input, one))
  return {
    file,
    ...yaml.positionOf(key === undefined ? ['spec'] : ['spec', key]),
    message: withFileKeys(message, fields),
    // Command lines do not help in a file.
    hints: hints
      .filter(hint => !hint.startsWith('-') && !hint.includes('kubectl mesh'))
      .map(hint => withFileKeys(hint, fields)),
  }
}
