import {escapeLine} from '../../text/escape-terminal.ts'

/**
 * A table in kubectl's layout: upper-case headers, three spaces between columns, no borders. A wide character counts as
 * one column. Control characters in a cell are escaped, so that a value cannot forge a row.
 *
 * @param options.keepHeads do not convert the headers to upper case, for headers that are names of objects
 */
export function formatTable(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  options: {keepHeads?: boolean} = {},
): string {
  const shown = options.keepHeads ? heads : heads.map(head => head.toUpperCase())
  const all = [shown, ...rows].map(row => row.map(escapeLine))
  const widths = heads.map((_, column) => Math.max(...all.map(row => [...(row[column] ?? '')].length)))
  return all
    .map(row =>
      row
        .map((cell, column) => cell + ' '.repeat(widths[column]! - [...cell].length))
        .join('   ')
        .trimEnd(),
    )
    .map(line => `${line}\n`)
    .join('')
}
