import type {Writable} from 'node:stream'

/** The process's streams, and what may be done with them. stdout is the artefact, stderr the talk. */
export interface Terminal {
  stdout: Writable
  stderr: Writable
  /** A person is there to be asked and to watch progress: stdin and stderr are terminals and `--no-input` was not given. */
  interactive: boolean
  /** Whether each stream takes colour codes. */
  color: {stdout: boolean; stderr: boolean}
  /** Writes lines to stdout; adds the newline at the end where it lacks. */
  print(text: string): void
  /** Writes lines to stderr; adds the newline at the end where it lacks. */
  message(text: string): void
}

type Stream = Writable & {isTTY?: boolean}

/** The streams and settings a terminal is made of; `process` is one. */
export interface TerminalSource {
  stdin: {isTTY?: boolean}
  stdout: Stream
  stderr: Stream
  env: Record<string, string | undefined>
}

/** The terminal of this process. */
export function openTerminal(options: {noInput?: boolean} = {}, source: TerminalSource = process): Terminal {
  const {stdout, stderr, env} = source
  return {
    stdout,
    stderr,
    // Node opens stdin when it is first looked at.
    interactive: !options.noInput && stderr.isTTY === true && source.stdin.isTTY === true,
    color: {stdout: takesColor(stdout, env), stderr: takesColor(stderr, env)},
    print: text => writeLines(stdout, text),
    message: text => writeLines(stderr, text),
  }
}

/** FORCE_COLOR wins, as in Node; else colour needs a terminal that is not dumb, and NO_COLOR unset (no-color.org). */
function takesColor(stream: Stream, env: TerminalSource['env']): boolean {
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false'
  return Boolean(stream.isTTY) && !env.NO_COLOR && env.TERM !== 'dumb'
}

function writeLines(stream: Writable, text: string): void {
  stream.write(text.endsWith('\n') ? text : `${text}\n`)
}
