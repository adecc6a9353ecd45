import {isMap, isScalar, isSeq, type Pair, type YAMLMap, type YAMLSeq} from 'yaml'
import type {Json} from '../../text/json.ts'
import {dumpYaml} from '../yaml.ts'
import {
  colonOf,
  columnOf,
  dashOf,
  endOf,
  isFlow,
  isImplicitNull,
  itemEnd,
  lineStart,
  newlineOf,
  nextLine,
  pairEnd,
  startOf,
} from './places.ts'

/** Ways to splice a YAML text for one change, the best first; whoever uses one reads the outcome again. */

/** A change of the text: what stands between the offsets goes, `text` comes. */
export interface Splice {
  from: number
  to: number
  text: string
}

/** YAML lines of a value, indented; ends with a line end. */
function block(value: unknown, indent: number, text: string): string {
  const lines = dumpYaml(value).trimEnd().split('\n')
  return lines.map(line => (line ? ' '.repeat(indent) + line : line) + newlineOf(text)).join('')
}

/** A pair as lines. */
export function pairText(key: string, value: Json, indent: number, text: string): string {
  return block({[key]: value}, indent, text)
}

function itemText(item: Json, indent: number, text: string): string {
  return block([item], indent, text)
}

/** A value on one line; JSON is YAML. */
function inline(value: Json): string {
  const plain = typeof value === 'object' && value !== null ? '' : dumpYaml(value).trimEnd()
  return plain !== '' && !plain.includes('\n') ? plain : JSON.stringify(value)
}

function flowKey(key: string): string {
  return /^[A-Za-z][\w.-]*$/.test(key) ? key : JSON.stringify(key)
}

/** Whole lines behind a place; where the text ends without a line end, so it does afterwards. */
function linesBehind(text: string, at: number, lines: string): Splice {
  const from = nextLine(text, at)
  const open = from > 0 && text[from - 1] !== '\n'
  return {from, to: from, text: open ? newlineOf(text) + lines.replace(/\r?\n$/, '') : lines}
}

/** Comment lines that stand deeper than a column belong to what is above them. */
function behindDeeperComments(text: string, from: number, column: number): number {
  let at = from
  for (;;) {
    const found = /^( *)#[^\n]*(\n|$)/.exec(text.slice(at))
    if (!found || found[1]!.length <= column || at >= text.length) return at
    at += found[0].length
  }
}

/** Lines in a text that has only comments, if anything. */
export function appendedToNothing(text: string, lines: string): Splice {
  const end = /^(?:---[^\n]*\n|[ \t]*(?:#[^\n]*)?\r?\n|[ \t]*#[^\n]*$)*/.exec(text)![0].length
  return linesBehind(text, end, lines)
}

/** Ways to put a new pair into a map. */
export function additions(text: string, map: YAMLMap, key: string, value: Json): Splice[][] {
  if (isFlow(map)) {
    const pair = (shown: string) => `${flowKey(key)}: ${shown}`
    return flowAdditions(text, map, [pair(inline(value)), pair(JSON.stringify(value))])
  }
  const column = columnOf(text, startOf(map.items[0]!.key))
  const lines = pairText(key, value, column, text)
  const last = nextLine(text, pairEnd(map.items.at(-1)!))
  const first = lineStart(text, startOf(map.items[0]!.key))
  return [
    [linesBehind(text, behindDeeperComments(text, last, column), lines)],
    [linesBehind(text, last, lines)],
    // behind a text block that ends with the file a line would become part of it
    [{from: first, to: first, text: lines}],
  ]
}

function flowAdditions(text: string, node: YAMLMap | YAMLSeq, shown: string[]): Splice[][] {
  const items = node.items
  if (items.length === 0) {
    const at = text.indexOf(isMap(node) ? '{' : '[', startOf(node)) + 1
    return shown.map(added => [{from: at, to: at, text: added}])
  }
  const at = flowItemEnd(node, items.length - 1)
  return shown.map(added => [{from: at, to: at, text: `, ${added}`}])
}

function flowItemEnd(node: YAMLMap | YAMLSeq, at: number): number {
  const item = node.items[at]
  if (isSeq(node)) return endOf(item)
  const pair = item as Pair
  if (pair.value !== null && !isImplicitNull(pair.value)) return endOf(pair.value)
  return colonOf(pair) === undefined ? endOf(pair.key) : colonOf(pair)! + 1
}

/** Ways to give a pair of a map another value. */
export function replacements(text: string, map: YAMLMap, pair: Pair, value: Json): Splice[][] {
  const node = pair.value
  const shown = [inline(value), JSON.stringify(value)]
  const colon = colonOf(pair)
  const blocky = (isMap(node) || isSeq(node)) && !isFlow(node)
  const literal = isScalar(node) && (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED')
  if (colon === undefined) return shown.map(added => [insertAt(endOf(pair.key), `: ${added}`)])
  const behind = (lines: string) => [insertAt(colon + 1, ` ${lines}`)]
  if (node === null || isImplicitNull(node)) {
    const column = columnOf(text, startOf(pair.key))
    const asLines = {from: nextLine(text, colon), text: ''}
    const nested = !isFlow(map) && typeof value === 'object' && value !== null && Object.keys(value).length > 0
    const lines = nested
      ? [[linesBehind(text, asLines.from, block(value, column + (Array.isArray(value) ? 0 : 2), text))]]
      : []
    return [...lines, ...shown.map(behind)]
  }
  if (blocky || literal) {
    const to = nextLine(text, endOf(node))
    const from = literal ? startOf(node) : lineStart(text, isSeq(node) ? dashOf(node, 0) : startOf(node))
    const nested = blocky && typeof value === 'object' && value !== null && Object.keys(value).length > 0
    const column = columnOf(text, blocky ? (isSeq(node) ? dashOf(node, 0) : startOf(node)) : 0)
    return [
      ...(nested ? [[{from, to, text: atEnd(text, to, block(value, column, text))}]] : []),
      ...shown.map(added =>
        literal
          ? [{from, to, text: atEnd(text, to, added + newlineOf(text))}]
          : [insertAt(colon + 1, ` ${added}`), {from, to, text: ''}],
      ),
    ]
  }
  return shown.map(added => [{from: startOf(node), to: endOf(node), text: added}])
}

const insertAt = (at: number, text: string): Splice => ({from: at, to: at, text})

/** Lines that replace what went up to an end: without their line end where the text had none. */
function atEnd(text: string, to: number, lines: string): string {
  return to === text.length && !text.endsWith('\n') ? lines.replace(/\r?\n$/, '') : lines
}

/** Ways to take a pair out of a map that holds others, or is the whole text. */
export function pairRemovals(text: string, map: YAMLMap, pair: Pair): Splice[][] {
  const at = map.items.indexOf(pair)
  const next = map.items[at + 1]
  if (isFlow(map)) return flowRemovals(text, map, at, item => startOf((item as Pair).key))
  const start = startOf(pair.key)
  const begin = lineStart(text, start)
  const end = nextLine(text, pairEnd(pair))
  if (text.slice(begin, start).trim() !== '')
    // the first of an item of a list: `- name: x`
    return [
      ...(next ? [[{from: start, to: startOf(next.key), text: ''}]] : []),
      [{from: start, to: pairEnd(pair), text: ''}],
    ]
  return wholeLines(text, begin, end, next && lineStart(text, startOf(next.key)))
}

/** Lines go; with the comments behind them where those would become part of the text above. */
function wholeLines(text: string, from: number, to: number, next: number | undefined): Splice[][] {
  // a text without a line end at its end keeps none
  const open = to === text.length && !text.endsWith('\n') && from > 0
  const begin = open ? from - (text[from - 2] === '\r' ? 2 : 1) : from
  return [[{from: begin, to, text: ''}], [{from, to, text: ''}], [{from, to: next ?? text.length, text: ''}]]
}

function flowRemovals(text: string, node: YAMLMap | YAMLSeq, at: number, begin: (item: unknown) => number): Splice[][] {
  const start = begin(node.items[at])
  const end = flowItemEnd(node, at)
  const comma = /^[^,]*?,[ \t]*/.exec(text.slice(end))
  const ways: Splice[][] = []
  if (node.items[at + 1] !== undefined) {
    ways.push([{from: start, to: end + (comma?.[0].length ?? 0), text: ''}])
    ways.push([{from: start, to: begin(node.items[at + 1]), text: ''}])
  }
  if (at > 0) ways.push([{from: flowItemEnd(node, at - 1), to: end, text: ''}])
  ways.push([{from: start, to: end, text: ''}], [{from: start, to: end + (comma?.[0].length ?? 0), text: ''}])
  return ways
}

/** The way to put an item at the end of a list that has some. */
export function itemAddition(text: string, seq: YAMLSeq, item: Json): Splice[] {
  if (isFlow(seq)) return flowAdditions(text, seq, [JSON.stringify(item)])[0]!
  const column = columnOf(text, dashOf(seq, 0))
  const from = behindDeeperComments(text, nextLine(text, itemEnd(seq, seq.items.length - 1)), column)
  return [linesBehind(text, from, itemText(item, column, text))]
}

/** Ways to put an item in the place of another. */
export function itemReplacements(text: string, seq: YAMLSeq, at: number, item: Json): Splice[][] {
  const shown = {from: startOf(seq.items[at]), to: endOf(seq.items[at]), text: JSON.stringify(item)}
  if (isFlow(seq)) return [[shown]]
  const dash = dashOf(seq, at)
  const to = nextLine(text, itemEnd(seq, at))
  const lines = atEnd(text, to, itemText(item, columnOf(text, dash), text).trimStart())
  return [[{from: dash, to, text: lines}], [shown]]
}

/** Ways to take an item out of a list that holds others. */
export function itemRemovals(text: string, seq: YAMLSeq, at: number): Splice[][] {
  if (isFlow(seq)) return flowRemovals(text, seq, at, startOf)
  const next = seq.items[at + 1] === undefined ? undefined : lineStart(text, dashOf(seq, at + 1))
  const begin = lineStart(text, dashOf(seq, at))
  return wholeLines(text, begin, nextLine(text, itemEnd(seq, at)), next)
}
