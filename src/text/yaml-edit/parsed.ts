import {isDeepStrictEqual} from 'node:util'
import {type Document, isAlias, isMap, isScalar, isSeq, type Pair, type YAMLMap, type YAMLSeq} from 'yaml'
import {refusedError} from '../../errors.ts'
import {parseYamlDocument, UnreadableText} from './parse.ts'
import {endOf, isBlockScalar} from './positions.ts'
import type {Splice} from './splices.ts'

/** Map keys from the top of a text to a value. */
export type Path = readonly string[]

/** A text and its parsed document, with the source tokens that splices need. */
export interface Parsed {
  text: string
  document: Document
  /** The value of the whole text; `{}` for an empty text. */
  value: Record<string, unknown>
  /** How errors refer to the text: `the mesh config`. */
  name: string
}

/**
 * Parses a text that is a map or empty.
 *
 * @param name how errors refer to the text
 * @throws MeshError (exit 3) for any other text
 */
export function parseMap(text: string, name: string): Parsed {
  let document: Document
  let value: unknown
  try {
    document = parseYamlDocument(text, {keepSourceTokens: true})
    value = contentOf(text, document)
  } catch (error) {
    if (error instanceof UnreadableText) throw refusedError(`${name} ${error.message}`)
    throw refusedError(`${name} cannot be read: ${(error as Error).message}`)
  }
  if (typeof value !== 'object' || Array.isArray(value)) throw refusedError(`${name} is not a map`)
  return {text, document, value: value as Record<string, unknown>, name}
}

/**
 * Applies the first alternative whose result parses to the expected value.
 *
 * @throws MeshError (exit 3) if there is none: the edit would change other values too
 */
export function applySplices(parsed: Parsed, alternatives: readonly Splice[][], expected: unknown): string {
  for (const splices of alternatives) {
    const text = spliced(parsed.text, splices)
    if (isDeepStrictEqual(contentAfter(text), expected)) return text
  }
  throw refusedError(`${parsed.name} cannot be edited without changing other values`)
}

/** The value of an edited text. Undefined if it is not valid. */
function contentAfter(text: string): unknown {
  try {
    return contentOf(text, parseYamlDocument(text))
  } catch (error) {
    if (error instanceof UnreadableText) return undefined
    throw error
  }
}

/** The value at a path. Undefined if the path does not exist. */
export function valueAt(value: unknown, path: Path): unknown {
  let at = value
  for (const key of path) {
    const exists = typeof at === 'object' && at !== null && Object.hasOwn(at, key)
    at = exists ? (at as Record<string, unknown>)[key] : undefined
  }
  return at
}

/**
 * The deepest map on a path that the text contains, and the remaining keys. No map for an empty text.
 *
 * @throws MeshError (exit 3) if another value than a map is on the path
 */
export function deepestMap({document, name}: Parsed, path: Path): {map: YAMLMap | undefined; rest: Path} {
  let map: unknown = document.contents
  if (isNull(map)) return {map: undefined, rest: path}
  for (let depth = 0; ; depth++) {
    if (!isMap(map)) throw wrongNode(name, path.slice(0, depth), map, 'map')
    const rest = path.slice(depth)
    const value = rest.length > 1 ? pairOf(map, rest[0]!)?.value : undefined
    // `key:` without a value ends the search too: its pair gets the value.
    if (value === undefined || isNull(value)) return {map, rest}
    map = value
  }
}

/** The pair of a map with a key. Undefined if there is none. */
export function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find(pair => isScalar(pair.key) && pair.key.value === key)
}

/**
 * The list at a path.
 *
 * @throws MeshError (exit 3) if it is an alias or no list
 */
export function listAt({document, name}: Parsed, path: Path): YAMLSeq {
  const node = document.getIn(path, true)
  if (!isSeq(node)) throw wrongNode(name, path, node, 'list')
  return node
}

function isNull(node: unknown): boolean {
  return node === null || (isScalar(node) && node.value === null)
}

function wrongNode(name: string, path: Path, node: unknown, expected: string): Error {
  const kind = isAlias(node) ? 'an alias (*)' : `not a ${expected}`
  return refusedError(`${name}: ${path.join('.') || 'the top level'} is ${kind}`)
}

function spliced(text: string, splices: readonly Splice[]): string {
  // From the end, so that the offsets of the other splices stay valid.
  return splices
    .toSorted((a, b) => b.from - a.from)
    .reduce((result, {from, to, text: added}) => result.slice(0, from) + added + result.slice(to), text)
}

/**
 * The value of a text as istiod reads it. A block scalar (`|`) at the end of a text without a final line break has no line
 * break in its value: so does libyaml, on which istiod's parser is based, but the package `yaml` adds one.
 */
function contentOf(text: string, document: Document): unknown {
  let node: unknown = document.contents
  while (isMap(node) || isSeq(node)) node = isMap(node) ? node.items.at(-1)?.value : node.items.at(-1)
  if (isBlockScalar(node) && !text.endsWith('\n') && endOf(node) === text.length)
    node.value = String(node.value).replace(/\n$/, '')
  return document.toJS() ?? {}
}
