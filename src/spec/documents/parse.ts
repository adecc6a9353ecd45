import {YAMLException} from 'js-yaml'
import {count} from '../../text/count.ts'
import {isMap} from '../../text/json.ts'
import {closest} from '../../text/suggest.ts'
import {loadDocuments, type YamlDocument} from '../../text/yaml-reading/documents.ts'
import {dnsName} from '../texts.ts'
import {meshFileVersion} from './kind.ts'
import type {DocumentProblem} from './problem.ts'
import {findSecrets} from './secrets.ts'
import type {Source} from './sources.ts'

/** A document as it stands in a file. Only its frame is valid: version, kind, metadata, and that `spec` is a map. */
export interface ParsedDocument {
  kind: string
  /** `metadata.name`. */
  name: string | undefined
  /** `spec`, not validated. */
  input: Readonly<Record<string, unknown>>
  file: string
  yaml: YamlDocument
}

/** The documents of a file that could be read, and the problems of the others. */
export interface ParsedSource {
  documents: ParsedDocument[]
  problems: DocumentProblem[]
}

const frameKeys = ['apiVersion', 'kind', 'metadata', 'spec']
const metadataKeys = ['name', 'labels', 'annotations']

/** Parses a file. A file that contains a secret is not parsed, because a message could quote it. */
export function parseSource({file, text}: Source): ParsedSource {
  const secrets = findSecrets(text)
  if (secrets.length > 0) return {documents: [], problems: secrets.map(found => secretProblem(file, found))}
  const parts = yamlDocuments(file, text)
  if (!Array.isArray(parts)) return {documents: [], problems: [parts]}
  if (parts.length === 0)
    return {documents: [], problems: [{file, line: 1, column: 1, message: 'contains no document'}]}
  const parsed = parts.map(yaml => parseDocument(file, yaml))
  return {
    documents: parsed.flatMap(({document}) => document ?? []),
    problems: parsed.flatMap(({problems}) => problems),
  }
}

/** Returns the problem of a secret in a file. */
export function secretProblem(file: string, {line, column, what}: {line: number; column: number; what: string}) {
  const hints = ['remove it from the file and from its history, and replace the key or token']
  return {file, line, column, message: `contains ${what}; mesh files must not contain secrets`, hints}
}

function yamlDocuments(file: string, text: string): YamlDocument[] | DocumentProblem {
  try {
    return loadDocuments(text)
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    const {mark, reason} = error
    return {file, line: (mark?.line ?? 0) + 1, column: (mark?.column ?? 0) + 1, message: `is not valid YAML: ${reason}`}
  }
}

/** Reads the frame of a document. The document is undefined if its frame has a problem. */
export function parseDocument(
  file: string,
  yaml: YamlDocument,
): {document?: ParsedDocument; problems: DocumentProblem[]} {
  const at = (path: readonly string[], message: string, ...hints: string[]): DocumentProblem => ({
    file,
    ...yaml.positionOf(path),
    message,
    hints,
  })
  const {value} = yaml
  if (!isMap(value)) return {problems: [at([], 'is not a mesh file: it does not contain a YAML object')]}
  if (value.apiVersion !== meshFileVersion) return {problems: [versionProblem(value, at)]}
  const {kind, metadata = {}, spec = {}} = value
  const problems = [
    ...(typeof kind === 'string' ? [] : [at(['kind'], 'kind is missing or not a string')]),
    ...unknownKeys(value, frameKeys).map(key => at([key], ...unknownKey(key, frameKeys))),
    ...(spec === null || isMap(spec) ? [] : [at(['spec'], 'spec must be a map')]),
    ...metadataProblems(metadata, at),
  ]
  if (problems.length > 0) return {problems}
  const name = (metadata as {name?: string} | null)?.name
  return {document: {kind: kind as string, name, input: isMap(spec) ? spec : {}, file, yaml}, problems}
}

type At = (path: readonly string[], message: string, ...hints: string[]) => DocumentProblem

function versionProblem({apiVersion, kind}: Record<string, unknown>, at: At): DocumentProblem {
  const supported = `supported: ${meshFileVersion}`
  if (apiVersion === undefined)
    return at([], 'apiVersion is missing', supported, 'keep files that are not mesh files in another folder')
  const shown = typeof apiVersion === 'string' ? apiVersion.slice(0, 100) : count(1, 'value')
  const what = typeof kind === 'string' ? ` of ${kind.slice(0, 100)}` : ''
  return at(['apiVersion'], `apiVersion ${shown}${what} is not supported`, supported)
}

function metadataProblems(metadata: unknown, at: At): DocumentProblem[] {
  if (metadata === null) return []
  if (!isMap(metadata)) return [at(['metadata'], 'metadata must be a map')]
  const unknown = unknownKeys(metadata, metadataKeys)
  if (unknown.length > 0)
    return unknown.map(key => at(['metadata', key], ...unknownKey(key, metadataKeys, 'metadata.')))
  const {name} = metadata
  if (name === undefined) return []
  const problem = typeof name === 'string' ? dnsName(name) : 'is not a string'
  return problem === undefined ? [] : [at(['metadata', 'name'], `metadata.name ${problem}`)]
}

function unknownKeys(map: object, known: readonly string[]): string[] {
  return Object.keys(map).filter(key => !known.includes(key))
}

/**
 * Returns a message and hints for a key that is not known.
 *
 * @param prefix path of the map: `spec.`
 */
export function unknownKey(key: string, known: readonly string[], prefix = ''): [string, ...string[]] {
  const nearest = nearestOf(key, known)
  const hints = [...(nearest === undefined ? [] : [`did you mean ${prefix}${nearest}?`])]
  return [`${prefix}${key.slice(0, 100)} is not a known key`, ...hints, `known keys: ${known.join(', ')}`]
}

/** Returns the known word that is most similar to another one, also if it differs in case only. */
export function nearestOf(word: string, known: readonly string[]): string | undefined {
  const plain = (text: string) => text.toLowerCase().replaceAll(/[-_]/g, '')
  return known.find(one => plain(one) === plain(word)) ?? closest(word.slice(0, 100), [...known])
}
