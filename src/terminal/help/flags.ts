/** What help shows of a flag in oclif's manifest. */
export interface HelpFlag {
  name: string
  type: 'boolean' | 'option'
  char?: string | undefined
  summary?: string | undefined
  default?: unknown
  noCacheDefault?: boolean | undefined
  helpValue?: string | string[] | undefined
  multiple?: boolean | undefined
  allowNo?: boolean | undefined
  options?: readonly string[] | undefined
  helpGroup?: string | undefined
  hidden?: boolean | undefined
}

/** Wraps a text at the width of the terminal, after an indentation. */
export type Wrap = (text: string, indentation: number) => string

/** A longer label has its own line. */
const labelWidth = 26

/** `-o, --output=yaml|json`, `--[no-]wait`, `--contexts=CTX,CTX`. */
export function flagLabel({name, type, char, helpValue, allowNo, options, multiple}: HelpFlag): string {
  const long = allowNo ? `--[no-]${name}` : `--${name}`
  const value = options?.join('|') ?? (helpValue === undefined ? name.toUpperCase() : [helpValue].flat().join(' '))
  const shown = type === 'boolean' ? long : `${long}=${value}${multiple ? '...' : ''}`
  return char ? `-${char}, ${shown}` : shown
}

/** Labels in a left column, descriptions in a right one. A label that is too long for its column has its own line. */
export function flagRows(flags: readonly HelpFlag[], wrap: Wrap): string {
  const labels = flags.map(flagLabel)
  const fitting = labels.map(label => label.length).filter(length => length <= labelWidth)
  const column = Math.max(...fitting, labelWidth / 2) + 2
  return flags
    .flatMap((flag, at) => {
      const lines = wrap(textOf(flag), column + 2).split('\n')
      const label = labels[at]!
      const rows = label.length <= labelWidth ? [label.padEnd(column) + (lines.shift() ?? '')] : [label]
      return [...rows, ...lines.map(line => ' '.repeat(column) + line)].map(line => line.trimEnd())
    })
    .join('\n')
}

/** Defaults of which oclif knows only the value are added. Those that the commands describe are in the summary. */
function textOf({summary = '', type, default: value, noCacheDefault}: HelpFlag): string {
  const isShown = type === 'option' && value !== undefined && !noCacheDefault && !summary.includes('(default ')
  return isShown ? `${summary} (default ${String(value)})` : summary
}
