/**
 * A table as kubectl prints them: upper-case heads, columns by two or more blanks, no borders, no blanks at the ends.
 * Wide characters count as one column.
 */
export function formatTable(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  /** Heads that are names of the user's stay as they are. */
  options: {keepHeads?: boolean} = {},
): string {
  const all = [options.keepHeads ? heads : heads.map(head => head.toUpperCase()), ...rows]
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
