/** A value of YAML or JSON. */
export type Leaf = string | number | boolean | null | Leaf[] | Tree

/** A map of YAML or JSON. */
export interface Tree {
  [key: string]: Leaf
}

/** Returns whether a value is a map. */
export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Returns the trees merged into a new one. Maps are merged recursively; for lists and scalars the last tree that sets them
 * wins.
 */
export function mergeTrees(...trees: readonly Tree[]): Tree {
  const result: Tree = {}
  for (const tree of trees)
    for (const [key, value] of Object.entries(tree)) {
      const before = Object.hasOwn(result, key) ? result[key] : undefined
      const merged = isTree(value) ? mergeTrees(isTree(before) ? before : {}, value) : value
      setKey(result, key, merged)
    }
  return result
}

/** Sets a key of a map. An assignment to the key `__proto__` would change the prototype. */
function setKey(tree: Tree, key: string, value: Leaf): void {
  Object.defineProperty(tree, key, {value, enumerable: true, configurable: true, writable: true})
}

/** Returns a tree without keys whose value is undefined or an empty map. */
export function compactTree(tree: Record<string, unknown>): Tree {
  const result: Tree = {}
  for (const [key, value] of Object.entries(tree)) {
    const inner = isTree(value) ? compactTree(value) : value
    if (inner === undefined || (isTree(inner) && Object.keys(inner).length === 0)) continue
    setKey(result, key, inner as Leaf)
  }
  return result
}

/** Returns the value at a path, or undefined if the path does not exist. */
export function leafAt(tree: Tree, path: readonly string[]): Leaf | undefined {
  let at: Leaf | undefined = tree
  for (const key of path) at = isTree(at) && Object.hasOwn(at, key) ? at[key] : undefined
  return at
}
