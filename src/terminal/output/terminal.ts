import type {Writable} from 'node:stream'
import {escapeForTerminal} from '../../text/escape-terminal.ts'
import {asciiMarks, asciiStream, hasUtf8} from './ascii.ts'
import {renderLines, type StyledLine} from './styled.ts'

/** The output streams of a process and their capabilities. Results go to stdout, messages to stderr. */
export interface Terminal {
  stdout: Writable
  stderr: Writable
  /**
   * Whether the command may prompt and move the cursor: stdin and stderr are terminals, and neither `--no-input` nor `CI` nor
   * `TERM=dumb` is set.
   */
  interactive: boolean
  /** Whether each stream supports colors. */
  color: {stdout: boolean; stderr: boolean}
  /**
   * Writes a result to stdout: a text, whose missing newline at the end is added, or lines. All control characters except
   * line breaks and tabs are escaped, so values in a text must have no line breaks: `formatTable` and `dumpYaml` see to
   * that.
   *
   * @param content `text` has ASCII marks without UTF-8, also in a pipe; `data` (default) only on a terminal, because the
   * bytes of manifests and JSON in a pipe do not depend on the locale
   */
  print(text: string | readonly StyledLine[], content?: 'text' | 'data'): void
  /** Writes one line, or several, to stderr. All control characters are escaped, line breaks within a line too. */
  message(lines: string | readonly (string | StyledLine)[]): void
}

type Stream = Writable & {isTTY?: boolean}

/** The properties of `process` that a terminal uses. */
export interface TerminalSource {
  stdin: {isTTY?: boolean}
  stdout: Stream
  stderr: Stream
  env: Record<string, string | undefined>
}

/**
 * Returns the terminal of a process.
 *
 * @param options.noInput never interactive (`--no-input`)
 * @param source set only in tests
 */
export function openTerminal(options: {noInput?: boolean} = {}, source: TerminalSource = process): Terminal {
  const {stdout, env} = source
  const isAscii = !hasUtf8(env)
  const stderr = isAscii ? asciiStream(source.stderr) : source.stderr
  const color = {stdout: supportsColor(stdout, env), stderr: supportsColor(stderr, env)}
  // stdout itself stays, because its errors are recorded for it (`watchOutput`).
  const shown = (text: string, content = 'data') =>
    isAscii && (stdout.isTTY || content === 'text') ? asciiMarks(text) : text
  return {
    stdout,
    stderr,
    // The last operand, because Node opens stdin on the first access.
    interactive: !options.noInput && canPrompt(env) && stderr.isTTY === true && source.stdin.isTTY === true,
    color,
    print: (text, content) => {
      if (typeof text !== 'string') stdout.write(shown(renderLines(text, color.stdout), content))
      else stdout.write(shown(withLineBreak(escapeForTerminal(text)), content))
    },
    message: lines => writeMessage(lines, stderr, color.stderr),
  }
}

/**
 * Writes lines like `Terminal.message`, where there is no terminal.
 *
 * @param stream set only in `openTerminal`
 */
export function writeMessage(
  lines: string | readonly (string | StyledLine)[],
  stream: Writable = process.stderr,
  color = false,
): void {
  const list = typeof lines === 'string' ? [lines] : lines
  const styled = list.map(line => (typeof line === 'string' ? {text: line} : line))
  stream.write(renderLines(styled, color))
}

/** CI systems set `CI`, some of them with a terminal on which no user answers. */
function canPrompt({CI: ci, TERM: term}: TerminalSource['env']): boolean {
  return (!ci || ci === 'false' || ci === '0') && term !== 'dumb'
}

/** FORCE_COLOR takes precedence, as in Node. Otherwise the stream must be a terminal, and NO_COLOR empty (no-color.org). */
function supportsColor(stream: Stream, env: TerminalSource['env']): boolean {
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false'
  return Boolean(stream.isTTY) && !env.NO_COLOR && env.TERM !== 'dumb'
}

function withLineBreak(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`
}
