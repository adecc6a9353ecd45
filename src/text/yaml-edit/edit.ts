import {isDeepStrictEqual} from 'node:util'
import {refusedError} from '../../errors.ts'
import type {Json} from '../json.ts'
import {itemAdditions, itemRemovals, itemReplacements} from './list-splices.ts'
import {pairAdditions, pairRemovals, pairReplacements} from './map-splices.ts'
import {applySplices, deepestMap, listAt, type Parsed, type Path, pairOf, parseMap, valueAt} from './parsed.ts'
import {insertAfterComments, pairLines} from './splices.ts'

/**
 * Edits of one value in a YAML text that other tools and people write too. Everything else is preserved byte for byte: comments,
 * order, quotes, indentation, line breaks. An edit splices the text at positions of the parsed document. The result is
 * parsed and compared with the expected value, so that no edit changes another value.
 *
 * Every function throws MeshError (exit 3) for a text that is not a map, and for a path that contains a value other than
 * a map. `name` is how errors refer to the text: `the mesh config`.
 */

/** A list item with a name that identifies it. */
export type NamedItem = {[key: string]: Json; name: string}

/** The value of a text that is a map; `{}` for an empty text. */
export function readMapText(text: string, name: string): Record<string, unknown> {
  return parseMap(text, name).value
}

/** Sets the value at a path of map keys, and creates missing maps. Returns the same text if it has this value already. */
export function setAt(text: string, path: Path, value: Json, name: string): string {
  const parsed = parseMap(text, name)
  if (isDeepStrictEqual(valueAt(parsed.value, path), value)) return text
  const {map, rest} = deepestMap(parsed, path)
  const expected = structuredClone(parsed.value)
  assign(expected, path, value)
  const [key, ...below] = rest as [string, ...string[]]
  const nested = below.reduceRight<Json>((inner, part) => ({[part]: inner}), value)
  if (!map) return applySplices(parsed, [[insertAfterComments(text, pairLines(key, nested, 0, text))]], expected)
  const pair = pairOf(map, key)
  const alternatives = pair ? pairReplacements(text, map, pair, nested) : pairAdditions(text, map, key, nested)
  return applySplices(parsed, alternatives, expected)
}

/** Removes the value at a path, and the maps that become empty. Returns the same text if the value does not exist. */
export function removeAt(text: string, path: Path, name: string): string {
  const parsed = parseMap(text, name)
  if (valueAt(parsed.value, path) === undefined) return text
  const parent = path.slice(0, -1)
  const siblings = Object.keys(valueAt(parsed.value, parent) as Record<string, unknown>)
  if (parent.length > 0 && siblings.length === 1) return removeAt(text, parent, name)
  const expected = structuredClone(parsed.value)
  delete (valueAt(expected, parent) as Record<string, unknown>)[path.at(-1)!]
  const {map, rest} = deepestMap(parsed, path)
  const pair = map && rest.length === 1 ? pairOf(map, rest[0]!) : undefined
  return applySplices(parsed, map && pair ? pairRemovals(text, map, pair) : [], expected)
}

/**
 * Replaces the item of the same name in the list at a path, or appends the item. Creates a missing list and missing maps.
 * Returns the same text if the list contains an equal item.
 *
 * @throws MeshError (exit 3) also for two items of that name
 */
export function putItemAt(text: string, path: Path, item: NamedItem, name: string): string {
  const parsed = parseMap(text, name)
  const list = valueAt(parsed.value, path)
  if (list === undefined || list === null) return setAt(text, path, [item], name)
  const index = indexOfItem(parsed, path, item.name)
  const expected = structuredClone(parsed.value)
  const items = valueAt(expected, path) as unknown[]
  const seq = listAt(parsed, path)
  if (index < 0) {
    items.push(item)
    return applySplices(parsed, itemAdditions(text, seq, item), expected)
  }
  if (isDeepStrictEqual(items[index], item)) return text
  items[index] = item
  return applySplices(parsed, itemReplacements(text, seq, index, item), expected)
}

/**
 * Removes the item of a name from the list at a path, and the list if it becomes empty. Returns the same text if there is
 * no such item.
 *
 * @throws MeshError (exit 3) also for two items of that name
 */
export function removeItemAt(text: string, path: Path, itemName: string, name: string): string {
  const parsed = parseMap(text, name)
  const list = valueAt(parsed.value, path)
  if (list === undefined || list === null) return text
  const index = indexOfItem(parsed, path, itemName)
  if (index < 0) return text
  if ((list as unknown[]).length === 1) return removeAt(text, path, name)
  const expected = structuredClone(parsed.value)
  ;(valueAt(expected, path) as unknown[]).splice(index, 1)
  return applySplices(parsed, itemRemovals(text, listAt(parsed, path), index), expected)
}

function assign(value: Record<string, unknown>, path: Path, last: unknown): void {
  let at = value
  for (const key of path.slice(0, -1)) {
    at[key] ??= {}
    at = at[key] as Record<string, unknown>
  }
  at[path.at(-1)!] = last
}

/** Index of the item of a name in the list at a path; -1 if there is none. */
function indexOfItem({value, name}: Parsed, path: Path, itemName: string): number {
  const list = valueAt(value, path)
  if (!Array.isArray(list)) throw refusedError(`${name}: ${path.join('.')} is not a list`)
  const indices = list.flatMap((item, at) => ((item as {name?: unknown} | null)?.name === itemName ? [at] : []))
  if (indices.length > 1) throw refusedError(`${name}: ${path.join('.')} has ${indices.length} items named ${itemName}`)
  return indices[0] ?? -1
}
