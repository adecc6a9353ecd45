import type {Writable} from 'node:stream'

/** The output streams of a process and their capabilities. Results go to stdout, messages to stderr. */
export interface Terminal {
  stdout: Writable
  stderr: Writable
  /** Whether the command may prompt and show progress: stdin and stderr are terminals and `--no-input` is not set. */
  interactive: boolean
  /** Whether each stream supports colors. */
  color: {stdout: boolean; stderr: boolean}
  /** Writes lines to stdout, and adds a missing newline at the end. */
  print(text: string): void
  /** Writes lines to stderr, and adds a missing newline at the end. */
  message(text: string): void
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
  const {stdout, stderr, env} = source
  return {
    stdout,
    stderr,
    // The last operand, because Node opens stdin on the first access.
    interactive: !options.noInput && stderr.isTTY === true && source.stdin.isTTY === true,
    color: {stdout: supportsColor(stdout, env), stderr: supportsColor(stderr, env)},
    print: text => writeLines(stdout, text),
    message: text => writeLines(stderr, text),
  }
}

/** FORCE_COLOR takes precedence, as in Node. Otherwise the stream must be a terminal, and NO_COLOR empty (no-color.org). */
function supportsColor(stream: Stream, env: TerminalSource['env']): boolean {
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false'
  return Boolean(stream.isTTY) && !env.NO_COLOR && env.TERM !== 'dumb'
}

function writeLines(stream: Writable, text: string): void {
  stream.write(text.endsWith('\n') ? text : `${text}\n`)
}
