import {isMap, isScalar, isSeq, type Pair, type YAMLSeq} from 'yaml'

/** Where things stand in a YAML text, by the ranges and source tokens of its parsed document. Offsets are characters. */

interface Token {
  type: string
  offset: number
}

/** Whether a map or list is written `{…}` or `[…]`. */
export const isFlow = (node: {flow?: boolean | undefined}) => node.flow === true

/** Where the value of a node begins; its anchor or tag stands before. */
export const startOf = (node: unknown): number => (node as {range: [number, number, number]}).range[0]

/** Where the content of a value ends, without the comments and blank lines behind it. */
export function endOf(node: unknown): number {
  if (isMap(node) && !isFlow(node)) return pairEnd(node.items.at(-1)!)
  if (isSeq(node) && !isFlow(node)) return itemEnd(node, node.items.length - 1)
  return (node as {range: [number, number, number]}).range[1]
}

/** Where the content of a pair ends. */
export function pairEnd(pair: Pair): number {
  if (pair.value === null || isImplicitNull(pair.value)) return (colonOf(pair) ?? startOf(pair.key)) + 1
  return endOf(pair.value)
}

/** Nothing is written where a value could stand. */
export function isImplicitNull(node: unknown): boolean {
  return isScalar(node) && node.value === null && (node.source ?? '') === ''
}

/** Of a pair; undefined for a key alone. */
export function colonOf(pair: Pair): number | undefined {
  const tokens = (pair as {srcToken?: {sep?: Token[]}}).srcToken?.sep
  return tokens?.find(({type}) => type === 'map-value-ind')?.offset
}

/** Where the content of an item ends. */
export function itemEnd(seq: YAMLSeq, at: number): number {
  const item = seq.items[at]
  return isImplicitNull(item) ? dashOf(seq, at) + 1 : endOf(item)
}

/** Of an item of a list that is not in flow style. */
export function dashOf(seq: YAMLSeq, at: number): number {
  const {items} = (seq as unknown as {srcToken: {items: {start: Token[]}[]}}).srcToken
  const dashes = items.flatMap(({start}) => start.filter(({type}) => type === 'seq-item-ind').slice(0, 1))
  return dashes[at]!.offset
}

/** Of the line that a place is in. */
export const lineStart = (text: string, at: number): number => text.lastIndexOf('\n', at - 1) + 1

/** The start of the next line; the end of the text when there is none. */
export function nextLine(text: string, at: number): number {
  if (at > 0 && text[at - 1] === '\n') return at
  const end = text.indexOf('\n', at)
  return end < 0 ? text.length : end + 1
}

/** How far a place is from the start of its line. */
export const columnOf = (text: string, at: number): number => at - lineStart(text, at)

/** How the lines of a text end. */
export const newlineOf = (text: string): string => (text.includes('\r\n') ? '\r\n' : '\n')
