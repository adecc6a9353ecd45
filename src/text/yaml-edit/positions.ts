import {isMap, isScalar, isSeq, type Pair, type Scalar, type YAMLMap, type YAMLSeq} from 'yaml'

/** Positions of nodes in a YAML text, from the ranges and source tokens of the parsed document. Offsets count characters. */

interface Token {
  type: string
  offset: number
}

/** Whether a map or a list is in flow style, `{…}` or `[…]`. */
export const isFlow = (node: {flow?: boolean | undefined}) => node.flow === true

/** Whether a node is a map or a list in block style. */
export function isBlockCollection(node: unknown): node is YAMLMap | YAMLSeq {
  return (isMap(node) || isSeq(node)) && !isFlow(node)
}

/** Whether a node is a block scalar, `|` or `>`. */
export function isBlockScalar(node: unknown): node is Scalar {
  return isScalar(node) && (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED')
}

/** Whether no value is written where one could be, as after `key:`. */
export function isImplicitNull(node: unknown): boolean {
  return isScalar(node) && node.value === null && (node.source ?? '') === ''
}

/** Start of the value of a node, after its anchor and tag. */
export const startOf = (node: unknown): number => (node as {range: [number, number, number]}).range[0]

/** End of the content of a node, without comments and blank lines after it. */
export function endOf(node: unknown): number {
  if (isMap(node) && !isFlow(node)) return pairEnd(node.items.at(-1)!)
  if (isSeq(node) && !isFlow(node)) return itemEnd(node, node.items.length - 1)
  return (node as {range: [number, number, number]}).range[1]
}

/** End of the content of a pair. */
export function pairEnd(pair: Pair): number {
  if (pair.value === null || isImplicitNull(pair.value)) return (colonOf(pair) ?? startOf(pair.key)) + 1
  return endOf(pair.value)
}

/** Position of the colon of a pair. Undefined for a key without a colon. */
export function colonOf(pair: Pair): number | undefined {
  const tokens = (pair as {srcToken?: {sep?: Token[]}}).srcToken?.sep
  return tokens?.find(({type}) => type === 'map-value-ind')?.offset
}

/** End of the content of a list item. */
export function itemEnd(seq: YAMLSeq, index: number): number {
  const item = seq.items[index]
  return isImplicitNull(item) ? dashOf(seq, index) + 1 : endOf(item)
}

/** Position of the dash of an item of a block list. */
export function dashOf(seq: YAMLSeq, index: number): number {
  const {items} = (seq as unknown as {srcToken: {items: {start: Token[]}[]}}).srcToken
  const dashes = items.flatMap(({start}) => start.filter(({type}) => type === 'seq-item-ind').slice(0, 1))
  return dashes[index]!.offset
}

/** Start of the first key or dash of a block collection. */
export function blockStart(node: YAMLMap | YAMLSeq): number {
  return isSeq(node) ? dashOf(node, 0) : startOf(node)
}

/** Start of the line that contains an offset. */
export const lineStart = (text: string, at: number): number => text.lastIndexOf('\n', at - 1) + 1

/** Start of the line after an offset, or the offset itself if it is one. The end of the text if no line follows. */
export function nextLine(text: string, at: number): number {
  if (at > 0 && text[at - 1] === '\n') return at
  const end = text.indexOf('\n', at)
  return end < 0 ? text.length : end + 1
}

/** Number of characters between the start of the line and an offset. */
export const columnOf = (text: string, at: number): number => at - lineStart(text, at)

/** The line break of a text: CRLF if it contains one. */
export const newlineOf = (text: string): string => (text.includes('\r\n') ? '\r\n' : '\n')
