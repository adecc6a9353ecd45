import {
  eventsToAst,
  jsToAst,
  type MappingNode,
  type Node,
  parseEvents,
  present,
  SCALAR_STYLE,
  visit,
  YAML11_SCHEMA,
} from 'js-yaml'
import {escapeCharacters, isPrintable, loadYaml, styleScalars} from './yaml.ts'

/** A value of a YAML text as it was written: a number keeps its digits, and a text its quotes. */
export type YamlNode = Node

/** A map of a YAML text, in the order of its keys. */
export type YamlMap = MappingNode

/**
 * Parses one YAML document without converting its scalars, so that what is written again is the same value, also an integer that
 * JavaScript cannot represent. Aliases are replaced by what they refer to.
 *
 * @throws YAMLException of js-yaml, also for an empty text and one beyond the limits of `withinLimits`
 */
export function parseNode(text: string): YamlNode {
  loadYaml(text)
  const [document] = eventsToAst(parseEvents(text, {}), {source: text, schema: YAML11_SCHEMA})
  return document?.contents ? withoutAliases(document.contents, new Map()) : nodeOf(null)
}

/** An anchor precedes its aliases, and the limits have refused an alias within its own value. */
function withoutAliases(node: Node, anchors: Map<string, Node>): Node {
  if (node.kind === 'alias') return anchors.get(node.anchor)!
  const {anchor, ...plain} = node
  const copy = withItems(plain, anchors)
  if (anchor !== undefined) anchors.set(anchor, copy)
  return copy
}

function withItems(node: Exclude<Node, {kind: 'alias'}>, anchors: Map<string, Node>): Node {
  if (node.kind === 'scalar') return node
  if (node.kind === 'sequence') return {...node, items: node.items.map(item => withoutAliases(item, anchors))}
  const items = node.items.map(({key, value}) => ({
    key: withoutAliases(key, anchors),
    value: withoutAliases(value, anchors),
  }))
  return {...node, items}
}

/** Returns the node of a value, with quotes where YAML 1.1 or 1.2 would read another type. */
export function nodeOf(value: unknown): YamlNode {
  const documents = jsToAst(value, YAML11_SCHEMA, {noRefs: true})
  styleScalars(documents)
  return documents[0]!.contents!
}

/** Writes a node. Characters that a terminal could act on are escaped within quotes. */
export function formatNode(node: YamlNode): string {
  const documents = [{contents: node, directives: []}]
  visit(documents, one => {
    if (one.kind === 'scalar' && !isPrintable(one.value)) one.style = SCALAR_STYLE.DOUBLE_QUOTED
  })
  const text = present(documents, {schema: YAML11_SCHEMA, lineWidth: -1, seqNoIndent: true})
  return escapeCharacters(text)
}

/** Returns the value of a key in a map. */
export function childOf(node: YamlNode | undefined, key: string): YamlNode | undefined {
  if (node?.kind !== 'mapping') return undefined
  return node.items.find(one => one.key.kind === 'scalar' && one.key.value === key)?.value
}

/** Returns a map in which a key has another value. A new key is the last one. */
export function withValue(map: YamlMap, key: string, value: YamlNode): YamlMap {
  const isKey = (node: Node) => node.kind === 'scalar' && node.value === key
  if (!map.items.some(one => isKey(one.key))) return {...map, items: [...map.items, {key: nodeOf(key), value}]}
  return {...map, items: map.items.map(one => (isKey(one.key) ? {...one, value} : one))}
}

/**
 * Returns a map with the keys of both, also in nested maps. The first one keeps what it has.
 *
 * @param clashes receives the paths of different values
 */
export function mergeNodes(first: YamlNode, second: YamlNode, path: readonly string[], clashes: string[]): YamlNode {
  if (first.kind !== 'mapping' || second.kind !== 'mapping') {
    if (!isSameNode(first, second)) clashes.push(path.join('.'))
    return first
  }
  return second.items.reduce((merged, {key, value}) => {
    const name = key.kind === 'scalar' ? key.value : ''
    const own = childOf(merged, name)
    return withValue(merged, name, own ? mergeNodes(own, value, [...path, name], clashes) : value)
  }, first)
}

function isSameNode(first: YamlNode, second: YamlNode): boolean {
  if (first.kind === 'scalar')
    return second.kind === 'scalar' && first.tag === second.tag && first.value === second.value
  if (first.kind === 'sequence')
    return (
      second.kind === 'sequence' &&
      first.items.length === second.items.length &&
      first.items.every((item, at) => isSameNode(item, second.items[at]!))
    )
  if (first.kind !== 'mapping' || second.kind !== 'mapping' || first.items.length !== second.items.length) return false
  return first.items.every(({key, value}) => {
    const other = key.kind === 'scalar' ? childOf(second, key.value) : undefined
    return other !== undefined && isSameNode(value, other)
  })
}
