import {isMap, isSeq, type Pair, type YAMLMap, type YAMLSeq} from 'yaml'
import type {Json} from '../json.ts'
import {dumpYaml} from '../yaml.ts'
import {colonOf, endOf, isImplicitNull, newlineOf, nextLine, startOf} from './positions.ts'

/**
 * Building blocks of text edits. A function named after several splices returns alternatives, the preferred one first: a
 * caller applies one, parses the result, and takes the next if the result differs from the expected value.
 */

/** Replaces the text from one offset to another. */
export interface Splice {
  from: number
  to: number
  text: string
}

/** The splice that inserts a text at an offset. */
export function insertAt(at: number, text: string): Splice {
  return {from: at, to: at, text}
}

/** The splice that removes the text between two offsets. */
export function removeBetween(from: number, to: number): Splice {
  return {from, to, text: ''}
}

/**
 * Lines of YAML for a value, each with the line break of the text.
 *
 * @param indent number of spaces before each line
 * @param text the text to insert into
 */
export function blockLines(value: unknown, indent: number, text: string): string {
  const lines = dumpYaml(value).trimEnd().split('\n')
  return lines.map(line => (line ? ' '.repeat(indent) + line : line) + newlineOf(text)).join('')
}

/** Lines of YAML for a pair of a block map. Parameters as for `blockLines`. */
export function pairLines(key: string, value: Json, indent: number, text: string): string {
  return blockLines({[key]: value}, indent, text)
}

/** Lines of YAML for an item of a block list. Parameters as for `blockLines`. */
export function itemLines(item: Json, indent: number, text: string): string {
  return blockLines([item], indent, text)
}

/** A value on one line in the two possible notations: plain YAML for most scalars, and JSON, which is always valid. */
export function inlineForms(value: Json): [preferred: string, json: string] {
  const json = JSON.stringify(value)
  const plain = typeof value === 'object' && value !== null ? '' : dumpYaml(value).trimEnd()
  return [plain !== '' && !plain.includes('\n') ? plain : json, json]
}

/** Inserts lines after the line at an offset. If the text has no line break at its end, the result has none either. */
export function insertLines(text: string, at: number, lines: string): Splice {
  const from = nextLine(text, at)
  const open = from > 0 && text[from - 1] !== '\n'
  return insertAt(from, open ? newlineOf(text) + lines.replace(/\r?\n$/, '') : lines)
}

/** Removes the line break at the end of lines that replace the end of a text without one. */
export function likeTextEnd(text: string, to: number, lines: string): string {
  return to === text.length && !text.endsWith('\n') ? lines.replace(/\r?\n$/, '') : lines
}

/** Inserts the first lines of a text that contains at most comments. */
export function insertAfterComments(text: string, lines: string): Splice {
  const end = /^(?:---[^\n]*\n|[ \t]*(?:#[^\n]*)?\r?\n|[ \t]*#[^\n]*$)*/.exec(text)![0].length
  return insertLines(text, end, lines)
}

/** Skips the comment lines at an offset that are indented deeper than a column: they belong to the value above. */
export function afterDeeperComments(text: string, from: number, column: number): number {
  let at = from
  for (;;) {
    const comment = /^( *)#[^\n]*(\n|$)/.exec(text.slice(at))
    if (!comment || comment[1]!.length <= column || at >= text.length) return at
    at += comment[0].length
  }
}

/**
 * Removes whole lines.
 *
 * @param next start of the next pair or item: the last alternative removes the comments before it too
 */
export function lineRemovals(text: string, from: number, to: number, next: number | undefined): Splice[][] {
  // If the text has no line break at its end, the result must have none either.
  const open = to === text.length && !text.endsWith('\n') && from > 0
  const begin = open ? from - (text[from - 2] === '\r' ? 2 : 1) : from
  return [[removeBetween(begin, to)], [removeBetween(from, to)], [removeBetween(from, next ?? text.length)]]
}

/** Inserts an element at the end of a flow map or a flow list, in one of several notations. */
export function flowAdditions(text: string, node: YAMLMap | YAMLSeq, notations: readonly string[]): Splice[][] {
  if (node.items.length > 0) {
    const at = flowItemEnd(node, node.items.length - 1)
    return notations.map(added => [insertAt(at, `, ${added}`)])
  }
  const at = text.indexOf(isMap(node) ? '{' : '[', startOf(node)) + 1
  return notations.map(added => [insertAt(at, added)])
}

/**
 * Removes an element of a flow map or a flow list with one of its commas.
 *
 * @param begin returns the start of an element
 */
export function flowRemovals(
  text: string,
  node: YAMLMap | YAMLSeq,
  index: number,
  begin: (item: unknown) => number,
): Splice[][] {
  const start = begin(node.items[index])
  const end = flowItemEnd(node, index)
  const afterComma = end + (/^[^,]*?,[ \t]*/.exec(text.slice(end))?.[0].length ?? 0)
  const next = node.items[index + 1]
  return [
    ...(next === undefined ? [] : [[removeBetween(start, afterComma)], [removeBetween(start, begin(next))]]),
    ...(index > 0 ? [[removeBetween(flowItemEnd(node, index - 1), end)]] : []),
    [removeBetween(start, end)],
    [removeBetween(start, afterComma)],
  ]
}

function flowItemEnd(node: YAMLMap | YAMLSeq, index: number): number {
  const item = node.items[index]
  if (isSeq(node)) return endOf(item)
  const pair = item as Pair
  if (pair.value !== null && !isImplicitNull(pair.value)) return endOf(pair.value)
  const colon = colonOf(pair)
  return colon === undefined ? endOf(pair.key) : colon + 1
}
