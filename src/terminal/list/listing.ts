import {usageError} from '../../errors.ts'
import {formatDuration} from '../../text/duration.ts'
import {dumpYaml} from '../../text/yaml.ts'
import type {Style, StyledLine} from '../output/styled.ts'
import {formatTable} from '../output/table.ts'
import {isTable, type ListFormat, type ListOptions, listOptions} from './list-format.ts'

/** A column of a table. */
export interface ListColumn<R> {
  head: string
  cell: (row: R) => string | undefined
  /** Only with `-o wide`. */
  wide?: true
}

/** The rows of a list or status command, and how each format shows them. */
export interface Listing<R> {
  rows: readonly R[]
  columns: readonly ListColumn<R>[]
  /** The document of `-o json`. */
  document: (items: object[]) => object
  /** The data of one row, as in the document. */
  item: (row: R) => object
  /** `TYPE/NAME` for `-o name`. */
  name: (row: R) => string
  /** The namespaces to which a row belongs, for `-n`. Without it, the command has no `-n`. */
  namespaces?: (row: R) => readonly string[]
  /** Whether a row needs attention, for its color. */
  state?: (row: R) => 'warning' | 'error' | undefined
  /** Tables and findings below the table. */
  below?: (rows: readonly R[], wide: boolean) => string
}

const stateStyles = {warning: 'yellow', error: 'red'} as const

/** A listing as lines, with colors for states. */
export function listingLines<R>(listing: Listing<R>, format: ListFormat): StyledLine[] {
  const options = listOptions(format)
  const rows = selectedRows(listing, options)
  const {output} = options
  if (output === undefined || output === 'wide') return tableLines(listing, rows, options)
  if (output === 'name') return rows.map(row => ({text: listing.name(row)}))
  const items = rows.map(row => plain(listing.item(row)) as object)
  const document = plain(listing.document(items))
  if (output === 'json') return linesOf(JSON.stringify(document, null, 2))
  if (output === 'yaml') return linesOf(dumpYaml(document))
  if (output.kind === 'jsonpath') return linesOf(output.print(document))
  const cells = items.map(item => output.columns.map(({cell}) => cell(item)))
  const heads = output.columns.map(({head}) => head)
  return linesOf(withoutHeads(formatTable(heads, cells, {keepHeads: true}), options))
}

/** A listing as text. */
export function formatListing<R>(listing: Listing<R>, format: ListFormat): string {
  return listingLines(listing, format)
    .map(({text}) => `${text}\n`)
    .join('')
}

/** The tables and findings below a table, as lines. Empty in the other formats. */
export function belowLines<R>(listing: Listing<R>, format: ListFormat): StyledLine[] {
  const options = listOptions(format)
  const below = isTable(options)
    ? listing.below?.(selectedRows(listing, options), options.output === 'wide')
    : undefined
  return markedLines(below ?? '')
}

/**
 * The rows of the requested namespace, sorted by `--sort-by`.
 *
 * @throws MeshError (exit 2) if no row has the value, as kubectl does for an unknown field
 */
function selectedRows<R>(listing: Listing<R>, {namespace, sortBy}: ListOptions): R[] {
  const {rows, namespaces = () => []} = listing
  const here = namespace === undefined ? [...rows] : rows.filter(row => namespaces(row).includes(namespace))
  if (!sortBy) return here
  const keyed = here.map(row => ({row, key: sortBy(withNulls(listing.item(row)))}))
  if (keyed.length > 0 && keyed.every(({key}) => key === undefined)) {
    const fields = [...new Set(here.flatMap(row => Object.keys(listing.item(row))))]
    throw usageError(
      '--sort-by: no row has a value at this path',
      `fields: ${fields.map(field => `.${field}`).join(', ')}`,
    )
  }
  return keyed.sort((a, b) => compareValues(a.key, b.key)).map(({row}) => row)
}

/** Numbers by value, texts by letter; a row without the value is the first, as in kubectl. */
function compareValues(a: unknown, b: unknown): number {
  if (a === undefined || a === null) return b === undefined || b === null ? 0 : -1
  if (b === undefined || b === null) return 1
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return String(a).localeCompare(String(b), 'en', {numeric: true})
}

function tableLines<R>(listing: Listing<R>, rows: readonly R[], options: ListOptions): StyledLine[] {
  const wide = options.output === 'wide'
  const columns = listing.columns.filter(column => wide || !column.wide)
  const cells = rows.map(row => columns.map(({cell}) => cell(row) || '-'))
  const [head, ...lines] = linesOf(
    formatTable(
      columns.map(one => one.head),
      cells,
    ),
  )
  const age = columns.findIndex(({head: name}) => name === 'age')
  const styled = lines.map(({text}, at): StyledLine => {
    const state = listing.state?.(rows[at]!)
    // An age differs in each read, and the width of a column depends on other rows.
    const compared = cells[at]!.filter((_, column) => column !== age).join('\t')
    return {text, compared, ...(state && {style: stateStyles[state]})}
  })
  if (options.noHeaders) return styled
  const below = listing.below?.(rows, wide) ?? ''
  return [...(options.again ? [] : [head!]), ...styled, ...markedLines(below)]
}

function withoutHeads(table: string, {noHeaders, again}: ListOptions): string {
  return noHeaders || again ? table.slice(table.indexOf('\n') + 1) : table
}

/** Lines of a text, in the color of the mark with which they begin. */
export function markedLines(text: string): StyledLine[] {
  return linesOf(text).map(line => {
    const style = markStyles[line.text.trimStart().charAt(0)]
    return style ? {...line, style} : line
  })
}

const markStyles: Readonly<Record<string, Style>> = {'✔': 'green', '✘': 'red', '‼': 'yellow'}

function linesOf(text: string): StyledLine[] {
  if (text === '') return []
  return text
    .replace(/\n$/, '')
    .split('\n')
    .map(line => ({text: line}))
}

/** Data as JSON has it: dates are texts, and undefined values do not exist. */
function plain(data: unknown): unknown {
  return JSON.parse(JSON.stringify(data))
}

/** Data in which a value that does not exist is null, so that its key is known. */
function withNulls(data: object): object {
  return JSON.parse(JSON.stringify(data, (_, value: unknown) => (value === undefined ? null : value))) as object
}

/** The age of an object in a table, as in kubectl. Undefined without a time. */
export function ageText(created: string | Date | undefined | null, now: Date): string | undefined {
  if (created === undefined || created === null) return undefined
  const age = now.getTime() - new Date(created).getTime()
  if (Number.isNaN(age)) return undefined
  return age < 1000 ? '0s' : formatDuration(age - (age % 1000))
}
