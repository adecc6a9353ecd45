import type {Terminal} from './terminal.ts'

/** Tells on stderr what is being waited for. */
export interface Progress {
  /** What is waited for, and why it is not there yet. Call it as often as you like. */
  update(text: string): void
  /** Ends it; with a text that stays, or without a trace. */
  done(text?: string): void
}

/** In a log: at most one line in this time. */
const logEveryMs = 10_000

/** A spinner on a terminal; in a log a line now and then. ora loads only for the first (it draws into pipes too). */
export async function startProgress(terminal: Terminal, text: string): Promise<Progress> {
  // ora clears lines without end where a terminal says that it has no width
  const {columns} = terminal.stderr as NodeJS.WriteStream
  if (!terminal.interactive || !columns) return logProgress(terminal, text)
  const {default: ora} = await import('ora')
  const spinner = ora({
    text,
    stream: terminal.stderr as NodeJS.WriteStream,
    color: terminal.color.stderr ? 'cyan' : false,
    discardStdin: false,
  }).start()
  return {
    update: next => {
      spinner.text = next
    },
    done: last => {
      spinner.stop()
      if (last) terminal.message(`✔ ${last}`)
    },
  }
}

function logProgress(terminal: Terminal, first: string): Progress {
  let told = Date.now()
  let last = first
  terminal.message(first)
  return {
    update: text => {
      if (text === last || Date.now() - told < logEveryMs) return
      told = Date.now()
      last = text
      terminal.message(text)
    },
    done: text => {
      if (text) terminal.message(text)
    },
  }
}
