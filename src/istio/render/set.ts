import {isTree, type Leaf, type Tree} from './tree.ts'

/** What is wrong with a `--set`; follows the text of it. */
export class SetProblem extends Error {}

/**
 * One `PATH=VALUE` of `--set` as istioctl and Helm read it: keys joined by dots, `\.` for a dot inside a key, `[N]` for an
 * item of a list. A value is true, false, null, a whole number, else a text; `"1"` in double quotes is a text.
 *
 * @returns the path, at least one key, numbers for items of lists, and the value
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

/** `a[0][1]` → `a`, 0, 1. */
function keysOf(part: string): (string | number)[] {
  const found = /^([^[\]]+)((?:\[\d{1,3}\])*)$/.exec(part)
  if (!found) throw new SetProblem('has no path of keys and [N], joined by dots, before the =')
  return [found[1]!, ...[...found[2]!.matchAll(/\d+/g)].map(([digits]) => Number(digits))]
}

function leafOf(text: string): Leaf {
  if (text === 'true' || text === 'false') return text === 'true'
  if (text === 'null') return null
  if (/^-?(0|[1-9]\d{0,14})$/.test(text)) return Number(text)
  const quoted = /^"(.*)"$/s.exec(text)
  return quoted ? quoted[1]! : text
}

/** Puts one `--set` into a copy of a tree. Throws SetProblem where a list would get a hole, or a value is in the way. */
export function withSet(tree: Tree, path: readonly (string | number)[], value: Leaf): Tree {
  return put(tree, path, value) as Tree
}

function put(at: Leaf | undefined, path: readonly (string | number)[], value: Leaf): Leaf {
  const [key, ...rest] = path
  if (key === undefined) return value
  if (typeof key === 'number') {
    if (at !== undefined && !Array.isArray(at)) throw new SetProblem(`takes what is no list for one, at [${key}]`)
    const list = at ?? []
    if (key > list.length) throw new SetProblem(`leaves a hole in a list, before [${key}]`)
    const item = put(list[key], rest, value)
    return key < list.length ? list.with(key, item) : [...list, item]
  }
  if (at !== undefined && at !== null && !isTree(at)) throw new SetProblem(`takes what is no map for one, at ${key}`)
  const map: Tree = at ?? {}
  const inner = put(Object.hasOwn(map, key) ? map[key] : undefined, rest, value)
  return {...map, [key]: inner}
}
