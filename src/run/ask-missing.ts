import type {Raw, Schema} from '../spec/field.ts'
import {type RawSpec, wordsOf} from '../spec/read.ts'
import type {Terminal} from '../terminal/output/terminal.ts'
import {shellWord} from '../text/shell-word.ts'
import {type Access, typedLine} from './run.ts'

/** What questions need from outside. */
export interface Asker {
  terminal: Terminal
  access: Access
  /** Kubeconfig context; '' for the current one. */
  context: string
}

/** A command that asks for missing input. */
export interface AskingCommand<S extends Schema, A> {
  fields: S
  raw: RawSpec<S>
  /** Asks for what is missing. Returns the answers only: nothing if nothing was asked. */
  ask: (raw: RawSpec<S>, asker: A) => Promise<RawSpec<S>>
  /** `--yes`: there are no questions. Undefined for a command without the flag. */
  yes: boolean | undefined
}

/**
 * Asks for missing input on a terminal, and runs the command. At the end, also if it fails or the user declines, it prints the
 * command line that makes the same run without questions: what the user typed, with the answers.
 *
 * @param work gets the input with the answers
 */
export async function askMissing<S extends Schema, A extends Pick<Asker, 'terminal'>, T>(
  {fields, raw, ask, yes}: AskingCommand<S, A>,
  asker: A,
  work: (raw: RawSpec<S>) => Promise<T>,
): Promise<T> {
  const answers = asker.terminal.interactive && !yes ? await ask(raw, asker) : {}
  const words = wordsOf(fields, answers as Readonly<Record<string, Raw>>)
  if (words.length === 0) return work(raw)
  const more = [...words, ...(yes === undefined ? [] : ['--yes'])]
  try {
    return await work({...raw, ...answers})
  } finally {
    asker.terminal.message(['Next time without questions:', `  ${typedLine()} ${more.map(shellWord).join(' ')}`])
  }
}
