import {escapeLine} from '../../text/escape-terminal.ts'
import type {Terminal} from './terminal.ts'

/** Shows on stderr what the command waits for. */
export interface Progress {
  /** Shows a new text. Callers may call it at any rate. */
  update(text: string): void
  /** Ends the progress and prints a final text, if there is one. */
  done(text?: string): void
}

/** Minimum time between two lines of a log. */
const logIntervalMs = 10_000

/**
 * Starts a spinner on a terminal, or a log with a line every ten seconds otherwise.
 *
 * @param text the first text to show
 */
export async function startProgress(terminal: Terminal, text: string): Promise<Progress> {
  // ora clears lines in an endless loop on a terminal that reports a width of 0, and it also draws into pipes.
  const {columns} = terminal.stderr as NodeJS.WriteStream
  if (!terminal.interactive || !columns) return logProgress(terminal, text)
  const {default: ora} = await import('ora')
  const spinner = ora({
    text: escapeLine(text),
    stream: terminal.stderr as NodeJS.WriteStream,
    color: terminal.color.stderr ? 'cyan' : false,
    discardStdin: false,
  }).start()
  return {
    update: next => {
      spinner.text = escapeLine(next)
    },
    done: last => {
      spinner.stop()
      if (last) terminal.message(`✔ ${last}`)
    },
  }
}

/**
 * Shows a spinner while a command works before its first output. Only on a terminal: a log of a pipe gets no line.
 *
 * @param text what it works on
 */
export async function withSpinner<T>(terminal: Terminal, text: string, work: () => Promise<T>): Promise<T> {
  if (!terminal.interactive) return work()
  const progress = await startProgress(terminal, text)
  try {
    return await work()
  } finally {
    progress.done()
  }
}

function logProgress(terminal: Terminal, first: string): Progress {
  let printedAt = Date.now()
  let last = first
  terminal.message(first)
  return {
    update: text => {
      if (text === last || Date.now() - printedAt < logIntervalMs) return
      printedAt = Date.now()
      last = text
      terminal.message(text)
    },
    done: text => {
      if (text) terminal.message(text)
    },
  }
}
