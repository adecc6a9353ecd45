import {isTree, type Leaf, type Tree} from './tree.ts'

/** Thrown for a `--set` that cannot be used. The message follows the text of the flag. */
export class SetProblem extends Error {}

/**
 * Parses one `PATH=VALUE` of `--set` as istioctl and Helm do. A path is keys joined by dots, with `\.` for a dot inside a
 * key and `[N]` for an item of a list. `true`, `false`, `null` and integers have their type; other values are strings, and so
 * is `"1"` in double quotes.
 *
 * @returns the path, with numbers for items of lists, and the value
 * @throws SetProblem
 */
export function parseSet(text: string): {path: (string | number)[]; value: Leaf} {
  const at = text.indexOf('=')
  if (at < 0) throw new SetProblem('is not PATH=VALUE')
  const path = text
    .slice(0, at)
    .split(/(?<!\\)\./)
    .flatMap(key => keysOf(key.replaceAll('\\.', '.')))
  return {path, value: leafOf(text.slice(at + 1))}
}

/**
 * Keys of JavaScript's own objects. No value of Istio has these names, and code that looks them up in an object would find
 * a function.
 */
const reservedKeys = ['__proto__', 'constructor', 'prototype']

/** `a[0][1]` → `a`, 0, 1. */
function keysOf(part: string): (string | number)[] {
  const found = /^([^[\]]+)((?:\[\d{1,3}\])*)$/.exec(part)
  if (!found) throw new SetProblem('is not PATH=VALUE: PATH is keys joined by dots, with [N] for an item of a list')
  if (reservedKeys.includes(found[1]!)) throw new SetProblem(`sets ${found[1]}, which is not a value of Istio`)
  return [found[1]!, ...[...found[2]!.matchAll(/\d+/g)].map(([digits]) => Number(digits))]
}

function leafOf(text: string): Leaf {
  if (text === 'true' || text === 'false') return text === 'true'
  if (text === 'null') return null
  if (/^-?(0|[1-9]\d{0,14})$/.test(text)) return Number(text)
  const quoted = /^"(.*)"$/s.exec(text)
  return quoted ? quoted[1]! : text
}

/**
 * Sets a value in a copy of a tree, and creates the maps and lists that lead to it.
 *
 * @param path as `parseSet` returns it
 * @throws SetProblem if an index skips an item of a list, or if a value on the path has another type
 */
export function withSet(tree: Tree, path: readonly (string | number)[], value: Leaf): Tree {
  return put(tree, path, value) as Tree
}

function put(target: Leaf | undefined, path: readonly (string | number)[], value: Leaf): Leaf {
  const [key, ...rest] = path
  if (key === undefined) return value
  return typeof key === 'number' ? putItem(target, key, rest, value) : putKey(target, key, rest, value)
}

function putItem(target: Leaf | undefined, index: number, rest: readonly (string | number)[], value: Leaf): Leaf {
  const list = target ?? []
  if (!Array.isArray(list) || target === null)
    throw new SetProblem(`sets item [${index}] of a value that is not a list`)
  if (index > list.length) throw new SetProblem(`sets item [${index}] of a list of length ${list.length}`)
  const item = put(list[index], rest, value)
  return index < list.length ? list.with(index, item) : [...list, item]
}

function putKey(target: Leaf | undefined, key: string, rest: readonly (string | number)[], value: Leaf): Leaf {
  const map = target ?? {}
  if (!isTree(map)) throw new SetProblem(`sets key ${key} of a value that is not a map`)
  const inner = put(Object.hasOwn(map, key) ? map[key] : undefined, rest, value)
  return {...map, [key]: inner}
}
