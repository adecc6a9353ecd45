import {withContext} from '../spec/hint-context.ts'
import type {StyledLine} from './output/styled.ts'
import type {Terminal} from './output/terminal.ts'

/** Lines with a command for the user. */
const isHint = /^\s*(?:hint: |kubectl mesh )/

/**
 * Returns a terminal whose hints name a context. Data is printed as it is.
 *
 * @param context '' for the current one, which hints do not name
 */
export function namingContext(terminal: Terminal, context: string): Terminal {
  if (context === '') return terminal
  const named = (text: string) =>
    text
      .split('\n')
      .map(line => (isHint.test(line) ? withContext(line, context) : line))
      .join('\n')
  const lineOf = (line: StyledLine): StyledLine => ({...line, text: named(line.text)})
  return {
    ...terminal,
    print: (text, content) => {
      if (content !== 'text') terminal.print(text, content)
      else if (typeof text === 'string') terminal.print(named(text), content)
      else terminal.print(text.map(lineOf), content)
    },
    message: lines =>
      terminal.message(
        typeof lines === 'string'
          ? named(lines)
          : lines.map(line => (typeof line === 'string' ? named(line) : lineOf(line))),
      ),
  }
}
