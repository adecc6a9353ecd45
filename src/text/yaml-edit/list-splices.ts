import type {YAMLSeq} from 'yaml'
import type {Json} from '../json.ts'
import {columnOf, dashOf, endOf, isFlow, itemEnd, lineStart, nextLine, startOf} from './positions.ts'
import {
  afterDeeperComments,
  flowAdditions,
  flowRemovals,
  insertLines,
  itemLines,
  likeTextEnd,
  lineRemovals,
  type Splice,
} from './splices.ts'

/** Alternatives to append an item to a list that has other items. */
export function itemAdditions(text: string, seq: YAMLSeq, item: Json): Splice[][] {
  if (isFlow(seq)) return flowAdditions(text, seq, [JSON.stringify(item)])
  const column = columnOf(text, dashOf(seq, 0))
  const end = nextLine(text, itemEnd(seq, seq.items.length - 1))
  return [[insertLines(text, afterDeeperComments(text, end, column), itemLines(item, column, text))]]
}

/** Alternatives to replace an item. */
export function itemReplacements(text: string, seq: YAMLSeq, index: number, item: Json): Splice[][] {
  const inline = {from: startOf(seq.items[index]), to: endOf(seq.items[index]), text: JSON.stringify(item)}
  if (isFlow(seq)) return [[inline]]
  const dash = dashOf(seq, index)
  const to = nextLine(text, itemEnd(seq, index))
  const lines = likeTextEnd(text, to, itemLines(item, columnOf(text, dash), text).trimStart())
  return [[{from: dash, to, text: lines}], [inline]]
}

/** Alternatives to remove an item from a list that has other items. */
export function itemRemovals(text: string, seq: YAMLSeq, index: number): Splice[][] {
  if (isFlow(seq)) return flowRemovals(text, seq, index, startOf)
  const next = seq.items[index + 1] === undefined ? undefined : lineStart(text, dashOf(seq, index + 1))
  const begin = lineStart(text, dashOf(seq, index))
  return lineRemovals(text, begin, nextLine(text, itemEnd(seq, index)), next)
}
