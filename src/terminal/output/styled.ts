import {styleText} from 'node:util'
import {escapeForTerminal} from '../../text/escape-terminal.ts'

/** A style of a line. */
export type Style = 'bold' | 'red' | 'green' | 'yellow' | 'cyan'

/** A line without a line break, and how it is shown on a stream with colors. */
export interface StyledLine {
  text: string
  style?: Style
  /** What `--watch` compares instead of the text: the cells that show a state. */
  compared?: string
}

/**
 * Returns lines with line breaks. Control characters in the text are escaped before the style is added, so that only we
 * write escape sequences.
 */
export function renderLines(lines: readonly StyledLine[], color: boolean): string {
  return lines
    .map(({text, style}) => {
      const escaped = escapeForTerminal(text).replaceAll('\n', '\\n')
      return `${color && style ? styleText(style, escaped, {validateStream: false}) : escaped}\n`
    })
    .join('')
}
