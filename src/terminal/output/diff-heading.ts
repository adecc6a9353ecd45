/** The lines of the two texts that a hunk compares. */
export interface Texts {
  before: readonly string[]
  after: readonly string[]
}

/** A hunk as the package `diff` returns it: line numbers start at 1, and lines begin with ` `, `-` or `+`. */
export interface Hunk {
  oldStart: number
  oldLines: number
  newStart: number
  newLines: number
  lines: string[]
}

/** One line of YAML. */
interface YamlLine {
  /** Number of leading spaces. */
  indent: number
  /** Width of the dashes of list items, `- - ` is 4. */
  dashes: number
  /** The key of a map that the line sets. */
  key: string | undefined
}

/**
 * The path of the field that contains the first change of a hunk: `metadata.labels`. Empty at the top level. List items
 * have no element in the path.
 *
 * @param texts must be written by `dumpYaml`, which does not indent lists in maps
 */
export function headingOf(hunk: Hunk, texts: Texts): string {
  const context = hunk.lines.findIndex(line => !line.startsWith(' '))
  if (hunk.lines[context]?.startsWith('-')) return fieldAt(texts.before, hunk.oldStart - 1 + context)
  return fieldAt(texts.after, hunk.newStart - 1 + context)
}

/** Walks up from a line to the keys of the maps that contain it. */
function fieldAt(lines: readonly string[], at: number): string {
  const path: string[] = []
  const start = parseLine(lines.slice(at).find(line => line.trim() !== '') ?? '')
  // A list has the same indentation as the key of its field.
  let limit = start.dashes > 0 ? start.indent + 1 : start.indent
  for (let up = at - 1; up >= 0 && limit > 0; up--) {
    const {indent, dashes, key} = parseLine(lines[up]!)
    if (key !== undefined && indent + dashes < limit) path.unshift(key)
    if (indent < limit && (dashes > 0 || key !== undefined)) limit = dashes > 0 ? indent + 1 : indent
  }
  return path.join('.')
}

function parseLine(line: string): YamlLine {
  const [, spaces = '', dashes = '', rest = ''] = /^( *)((?:- )*)(.*)$/.exec(line) ?? []
  return {indent: spaces.length, dashes: dashes.length, key: /^(['"]?)(.+?)\1:(?: |$)/.exec(rest)?.[2]}
}
