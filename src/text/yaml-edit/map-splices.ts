import type {Pair, Scalar, YAMLMap, YAMLSeq} from 'yaml'
import type {Json} from '../json.ts'
import {
  blockStart,
  colonOf,
  columnOf,
  endOf,
  isBlockCollection,
  isBlockScalar,
  isFlow,
  isImplicitNull,
  lineStart,
  newlineOf,
  nextLine,
  pairEnd,
  startOf,
} from './positions.ts'
import {
  afterDeeperComments,
  blockLines,
  flowAdditions,
  flowRemovals,
  inlineForms,
  insertAt,
  insertLines,
  likeTextEnd,
  lineRemovals,
  pairLines,
  removeBetween,
  type Splice,
} from './splices.ts'

/** Alternatives to add a pair to a map that has other pairs, or to an empty flow map. */
export function pairAdditions(text: string, map: YAMLMap, key: string, value: Json): Splice[][] {
  if (isFlow(map)) {
    const pairs = inlineForms(value).map(form => `${flowKey(key)}: ${form}`)
    return flowAdditions(text, map, pairs)
  }
  const firstKey = startOf(map.items[0]!.key)
  const column = columnOf(text, firstKey)
  const lines = pairLines(key, value, column, text)
  const end = nextLine(text, pairEnd(map.items.at(-1)!))
  return [
    [insertLines(text, afterDeeperComments(text, end, column), lines)],
    [insertLines(text, end, lines)],
    // A line after a block scalar at the end of the text could become a part of the scalar.
    [insertAt(lineStart(text, firstKey), lines)],
  ]
}

/** Alternatives to replace the value of a pair. */
export function pairReplacements(text: string, map: YAMLMap, pair: Pair, value: Json): Splice[][] {
  const node = pair.value
  const colon = colonOf(pair)
  if (colon === undefined) return inlineForms(value).map(form => [insertAt(endOf(pair.key), `: ${form}`)])
  if (node === null || isImplicitNull(node)) return fillEmpty(text, map, pair, colon, value)
  if (isBlockCollection(node)) return replaceCollection(text, node, colon, value)
  if (isBlockScalar(node)) return replaceBlockScalar(text, node, value)
  return inlineForms(value).map(form => [{from: startOf(node), to: endOf(node), text: form}])
}

/** Alternatives to remove a pair from a map that has other pairs or is the whole text. */
export function pairRemovals(text: string, map: YAMLMap, pair: Pair): Splice[][] {
  const index = map.items.indexOf(pair)
  if (isFlow(map)) return flowRemovals(text, map, index, item => startOf((item as Pair).key))
  const next = map.items[index + 1]
  const start = startOf(pair.key)
  const begin = lineStart(text, start)
  if (text.slice(begin, start).trim() === '')
    return lineRemovals(text, begin, nextLine(text, pairEnd(pair)), next && lineStart(text, startOf(next.key)))
  // The pair is on the line of a dash: `- name: x`.
  return [...(next ? [[removeBetween(start, startOf(next.key))]] : []), [removeBetween(start, pairEnd(pair))]]
}

/** `key:` without a value. */
function fillEmpty(text: string, map: YAMLMap, pair: Pair, colon: number, value: Json): Splice[][] {
  const inline = inlineForms(value).map(form => [insertAt(colon + 1, ` ${form}`)])
  if (isFlow(map) || !isFilledCollection(value)) return inline
  // dumpYaml does not indent a list below its key.
  const column = columnOf(text, startOf(pair.key)) + (Array.isArray(value) ? 0 : 2)
  return [[insertLines(text, nextLine(text, colon), blockLines(value, column, text))], ...inline]
}

function replaceCollection(text: string, node: YAMLMap | YAMLSeq, colon: number, value: Json): Splice[][] {
  const start = blockStart(node)
  const from = lineStart(text, start)
  const to = nextLine(text, endOf(node))
  const inline = inlineForms(value).map(form => [insertAt(colon + 1, ` ${form}`), removeBetween(from, to)])
  if (!isFilledCollection(value)) return inline
  const lines = likeTextEnd(text, to, blockLines(value, columnOf(text, start), text))
  return [[{from, to, text: lines}], ...inline]
}

function replaceBlockScalar(text: string, node: Scalar, value: Json): Splice[][] {
  const to = nextLine(text, endOf(node))
  return inlineForms(value).map(form => [
    {from: startOf(node), to, text: likeTextEnd(text, to, form + newlineOf(text))},
  ])
}

/** Whether a value is a map or a list that is not empty. */
function isFilledCollection(value: Json): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0
}

function flowKey(key: string): string {
  return /^[A-Za-z][\w.-]*$/.test(key) ? key : JSON.stringify(key)
}
