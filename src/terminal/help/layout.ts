import {styleText} from 'node:util'
import {padTo, widthOf, wrapHard} from '../../text/width.ts'

/** What the layout of a help page depends on. */
export interface HelpView {
  /** Width of the terminal. */
  columns: number
  /** Whether headings are bold. */
  bold: boolean
}

/** Spaces before each line below a heading. */
const indentation = 2

/** A name on the left, and what it means on the right. */
export type HelpRow = readonly [left: string, right: string]

/** Rows with more lines than this are shown below each other instead. */
const mostLines = 5

/** A heading, and a text below it. */
export function section(header: string, body: string, {bold}: HelpView): string {
  return `${bold ? styleText('bold', header, {validateStream: false}) : header}\n${indent(body, indentation)}`
}

/** Wraps each line of a text at the width of the terminal, after an indentation. */
export function wrap(text: string, {columns}: HelpView, spaces = indentation): string {
  return text
    .split('\n')
    .flatMap(line => wrapHard(line, columns - spaces))
    .join('\n')
}

/** Rows in two columns. If the right one would become narrow and long, it stands below the left one. */
export function formatRows(rows: readonly HelpRow[], view: HelpView): string {
  const column = Math.max(...rows.map(([left]) => widthOf(left))) + 2
  const texts = rows.map(([, right]) => wrap(right.trim(), view, indentation + column).split('\n'))
  if (texts.some(lines => lines.length > mostLines)) return stackRows(rows, view)
  return rows
    .map(([left], at) => padTo(left, column) + texts[at]!.join(`\n${' '.repeat(column)}`))
    .map(row => row.trimEnd())
    .join('\n')
}

function stackRows(rows: readonly HelpRow[], view: HelpView): string {
  return rows
    .map(([left, right]) => `${wrap(left, view)}\n${indent(wrap(right, view, 2 * indentation), 2 * indentation)}`)
    .join('\n\n')
}

function indent(text: string, spaces: number): string {
  return text.replace(/^(?!\s*$)/gm, ' '.repeat(spaces))
}
