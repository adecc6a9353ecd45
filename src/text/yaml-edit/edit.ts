import {isDeepStrictEqual} from 'node:util'
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Pair,
  parseDocument,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'
import {refusedError} from '../../errors.ts'
import type {Json} from '../../text/json.ts'
import {endOf} from './places.ts'
import {
  additions,
  appendedToNothing,
  itemAddition,
  itemRemovals,
  itemReplacements,
  pairRemovals,
  pairText,
  replacements,
  type Splice,
} from './splices.ts'

/**
 * Changes of one value inside a YAML text that others wrote: ranges come from the parsed document, the text is spliced.
 * What is not asked for stays byte for byte: comments, order, quotes, indentation, line ends. Whatever comes out is read
 * again and compared with what was meant, so that a splice that would change something else is never returned.
 */

/** A parsed text with what is needed to splice it. */
interface Parsed {
  text: string
  document: Document
  /** The value of the whole text; an empty one is an empty map. */
  value: Record<string, unknown>
}

type Path = readonly string[]

/** Reads a text that is one map, or nothing. Throws MeshError (exit 3) for one that is not. */
export function readMapText(text: string, name: string): Record<string, unknown> {
  return parse(text, name).value
}

/**
 * Sets the value at a path of map keys, making the maps on the way; the same text when it has this value already.
 *
 * @param name what the text is, for errors: `the mesh config`
 * Throws MeshError (exit 3) for a text that is no YAML map, or where something on the path is none.
 */
export function setAt(text: string, path: Path, value: Json, name: string): string {
  const parsed = parse(text, name)
  if (isDeepStrictEqual(valueAt(parsed.value, path), value)) return text
  const {map, rest} = deepest(parsed, path, name)
  const expected = structuredClone(parsed.value)
  assign(expected, path, value)
  const [key, ...below] = rest as [string, ...string[]]
  const wanted = below.reduceRight<Json>((inner, part) => ({[part]: inner}), value)
  if (!map) return settle(parsed, [[appendedToNothing(text, pairText(key, wanted, 0, text))]], expected, name)
  const pair = pairOf(map, key)
  return settle(
    parsed,
    pair ? replacements(text, map, pair, wanted) : additions(text, map, key, wanted),
    expected,
    name,
  )
}

/**
 * Takes the value at a path away, with the maps that become empty by it; the same text when it is not there.
 * `name` and errors as for `setAt`.
 */
export function removeAt(text: string, path: Path, name: string): string {
  const parsed = parse(text, name)
  if (valueAt(parsed.value, path) === undefined) return text
  const parent = path.slice(0, -1)
  const above = valueAt(parsed.value, parent) as Record<string, unknown>
  if (parent.length > 0 && Object.keys(above).length === 1) return removeAt(text, parent, name)
  const expected = structuredClone(parsed.value)
  delete (valueAt(expected, parent) as Record<string, unknown>)[path.at(-1)!]
  const {map, rest} = deepest(parsed, path, name)
  const pair = map && rest.length === 1 ? pairOf(map, rest[0]!) : undefined
  return settle(parsed, map && pair ? pairRemovals(text, map, pair) : [], expected, name)
}

/**
 * Puts an item into the list at a path, in the place of the one with the same `name`, else at its end; the list and the
 * maps on the way are made. The same text when it is there as it is. `name` and errors as for `setAt`; also two items of
 * one name are an error.
 */
export function putItemAt(text: string, path: Path, item: {[key: string]: Json; name: string}, name: string): string {
  const parsed = parse(text, name)
  const list = valueAt(parsed.value, path)
  if (list === undefined || list === null) return setAt(text, path, [item], name)
  const at = indexOfItem(list, path, item.name, name)
  const expected = structuredClone(parsed.value)
  const items = valueAt(expected, path) as unknown[]
  const seq = seqAt(parsed, path, name)
  if (at < 0) {
    items.push(item)
    return settle(parsed, [itemAddition(text, seq, item)], expected, name)
  }
  if (isDeepStrictEqual(items[at], item)) return text
  items[at] = item
  return settle(parsed, itemReplacements(text, seq, at, item), expected, name)
}

/**
 * Takes the item of a `name` out of the list at a path; an empty list goes too. The same text when it is not there.
 * `name` and errors as for `setAt`; also two items of one name are an error.
 */
export function removeItemAt(text: string, path: Path, itemName: string, name: string): string {
  const parsed = parse(text, name)
  const list = valueAt(parsed.value, path)
  if (list === undefined || list === null) return text
  const at = indexOfItem(list, path, itemName, name)
  if (at < 0) return text
  if ((list as unknown[]).length === 1) return removeAt(text, path, name)
  const expected = structuredClone(parsed.value)
  ;(valueAt(expected, path) as unknown[]).splice(at, 1)
  return settle(parsed, itemRemovals(text, seqAt(parsed, path, name), at), expected, name)
}

function parse(text: string, name: string): Parsed {
  const document = parseDocument(text, {keepSourceTokens: true, merge: true, prettyErrors: true})
  const [problem] = document.errors
  if (problem) throw refusedError(`${name} is not valid YAML: ${problem.message.split('\n')[0]!.replace(/:$/, '')}`)
  let value: unknown
  try {
    value = contentOf(text, document)
  } catch (error) {
    throw refusedError(`${name} can't be read: ${(error as Error).message}`)
  }
  if (typeof value !== 'object' || Array.isArray(value)) throw refusedError(`${name} is not a map`)
  return {text, document, value: value as Record<string, unknown>}
}

/** The first way of splicing that gives what is expected; a text that allows none is left alone. */
function settle(parsed: Parsed, ways: Splice[][], expected: unknown, name: string): string {
  for (const way of ways) {
    const text = way
      .toSorted((a, b) => b.from - a.from)
      .reduce((done, {from, to, text}) => done.slice(0, from) + text + done.slice(to), parsed.text)
    const after = parseDocument(text, {merge: true})
    if (after.errors.length === 0 && isDeepStrictEqual(contentOf(text, after), expected)) return text
  }
  throw refusedError(`${name} is written in a way that can't be edited without changing more than was asked`)
}

/**
 * The value of a text as istiod's reader has it: a text block (`|`) that ends with the text and without a line end has
 * none in its value (libyaml; other readers add one).
 */
function contentOf(text: string, document: Document): unknown {
  let node: unknown = document.contents
  while (isMap(node) || isSeq(node)) node = isMap(node) ? node.items.at(-1)?.value : node.items.at(-1)
  const blocky = isScalar(node) && (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED')
  if (isScalar(node) && blocky && !text.endsWith('\n') && endOf(node) === text.length)
    node.value = String(node.value).replace(/\n$/, '')
  return document.toJS() ?? {}
}

function valueAt(value: unknown, path: Path): unknown {
  let at = value
  for (const key of path)
    at =
      typeof at === 'object' && at !== null && Object.hasOwn(at, key) ? (at as Record<string, unknown>)[key] : undefined
  return at
}

function assign(value: Record<string, unknown>, path: Path, last: unknown): void {
  let at = value
  for (const key of path.slice(0, -1)) {
    at[key] ??= {}
    at = at[key] as Record<string, unknown>
  }
  at[path.at(-1)!] = last
}

/** The deepest map on the path that is written out, and the keys from there on; no map for an empty text. */
function deepest(parsed: Parsed, path: Path, name: string): {map: YAMLMap | undefined; rest: Path} {
  let map: unknown = parsed.document.contents
  if (map === null || (isScalar(map) && map.value === null)) return {map: undefined, rest: path}
  for (let depth = 0; ; depth++) {
    if (!isMap(map)) throw cantReach(path.slice(0, depth), map, name)
    const rest = path.slice(depth)
    const value = rest.length > 1 ? pairOf(map, rest[0]!)?.value : undefined
    // also `key:` with nothing behind it: the pair itself gets the value
    if (value === undefined || value === null || (isScalar(value) && value.value === null)) return {map, rest}
    map = value
  }
}

function cantReach(path: Path, node: unknown, name: string) {
  const what = isAlias(node) ? 'an alias (*)' : 'not a map'
  return refusedError(`${name}: ${path.join('.') || 'the top'} is ${what}`)
}

function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find(pair => isScalar(pair.key) && pair.key.value === key)
}

function seqAt(parsed: Parsed, path: Path, name: string): YAMLSeq {
  const node = parsed.document.getIn(path, true)
  if (!isSeq(node)) throw refusedError(`${name}: ${path.join('.')} is ${isAlias(node) ? 'an alias (*)' : 'not a list'}`)
  return node
}

function indexOfItem(list: unknown, path: Path, itemName: string, name: string): number {
  if (!Array.isArray(list)) throw refusedError(`${name}: ${path.join('.')} is not a list`)
  const found = list.flatMap((item, at) => ((item as {name?: unknown} | null)?.name === itemName ? [at] : []))
  if (found.length > 1) throw refusedError(`${name}: ${path.join('.')} names ${itemName} ${found.length} times`)
  return found[0] ?? -1
}
