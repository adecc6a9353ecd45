import type {Raw, Schema} from '../spec/field.ts'
import {type RawSpec, wordsOf} from '../spec/read.ts'
import type {Terminal} from '../terminal/output/terminal.ts'
import {shellWord} from '../text/shell-word.ts'
import {contextArguments} from './command-line.ts'
import {untilAnswered} from './confirm.ts'
import {type Access, type Run, typedLine} from './run.ts'

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
  /**
   * Loads the function that asks for what is missing, only when there are questions. It returns the answers only: nothing if
   * nothing was asked.
   */
  ask: () => Promise<(raw: RawSpec<S>, asker: A) => Promise<RawSpec<S>>>
  /** `--yes`: there are no questions. Undefined for a command without the flag. */
  yes: boolean | undefined
}

/** Returns whether a command asks nothing: `--yes` confirms it, and a client dry run connects to no cluster. */
export function asksNothing(flags: {yes: boolean; 'dry-run': string}): boolean {
  return flags.yes || flags['dry-run'] === 'client'
}

/**
 * Asks for missing input on a terminal, and runs the command. At the end, also if it fails or the user declines, it prints the
 * command line that makes the same run without questions: what the user typed, with the answers.
 *
 * @param asker `context` is that of a command for one cluster
 * @param work gets the input with the answers
 */
export async function askMissing<
  S extends Schema,
  A extends Pick<Asker, 'terminal'> & Partial<Pick<Run, 'answers' | 'access'> & Pick<Asker, 'context'>>,
  T,
>({fields, raw, ask, yes}: AskingCommand<S, A>, asker: A, work: (raw: RawSpec<S>) => Promise<T>): Promise<T> {
  const answers = asker.terminal.interactive && !yes ? await untilAnswered(async () => (await ask())(raw, asker)) : {}
  const words = wordsOf(fields, answers as Readonly<Record<string, Raw>>)
  asker.answers?.push(...words)
  const {terminal, access, context} = asker
  const where = 'contexts' in fields || context === undefined || !access ? [] : unnamedContext(context, access)
  return withAnswers({words: () => words, where, yes, terminal}, () => work({...raw, ...answers}))
}

/**
 * Asks for missing input in the middle of a run, where questions depend on what was read. There are no questions without a
 * terminal and with `--yes`.
 *
 * @param ask returns the input with the answers
 */
export async function askInRun<S extends Schema>(
  fields: S,
  raw: RawSpec<S>,
  run: Run,
  ask: (raw: RawSpec<S>) => Promise<RawSpec<S>>,
): Promise<RawSpec<S>> {
  if (!run.terminal.interactive || run.write.yes) return raw
  const answered = await untilAnswered(() => ask(raw))
  const given: Readonly<Record<string, unknown>> = raw
  const answers = Object.entries(answered).filter(([name, value]) => given[name] !== value)
  run.answers.push(...wordsOf(fields, Object.fromEntries(answers) as Readonly<Record<string, Raw>>))
  return answered
}

/**
 * Runs a command that uses `askInRun`. At the end, it prints the same line as `askMissing`.
 *
 * @param context of the cluster, '' for the current one
 */
export async function withReplay<T>(run: Run, context: string, work: (context: string) => Promise<T>): Promise<T> {
  const {access, answers, terminal, write} = run
  const where = terminal.interactive && !write.yes ? unnamedContext(context, access) : []
  return withAnswers({words: () => answers, where, yes: write.yes, terminal}, () => work(context))
}

/** The current context, which the user did not name. Another one may be current when the user repeats the run. */
function unnamedContext(context: string, access: Access): string[] {
  return context === '' ? contextArguments(context, access) : []
}

/** What the line that repeats a run adds to what the user typed. */
export interface AnsweredLine {
  /** The answers, as words of a command line. Without any, no line is printed. */
  words: () => readonly string[]
  /** `--context` with the current context, which the user did not name. */
  where: readonly string[]
  /** `--yes`; undefined for a command without the flag. */
  yes: boolean | undefined
  terminal: Terminal
}

/** Runs a command that has asked questions. At the end, it prints the same line as `askMissing`. */
export function withAnswers<T>({words, where, yes, terminal}: AnsweredLine, work: () => Promise<T>): Promise<T> {
  const line = (isConfirmed: boolean) => {
    if (words().length === 0) return undefined
    const more = [...words(), ...where, ...(isConfirmed && yes !== undefined ? ['--yes'] : [])]
    return `${typedLine()} ${more.map(shellWord).join(' ')}`
  }
  return withNextLine(line, terminal, work)
}

/**
 * Runs a command that has asked questions, and prints the line that repeats the run without them. Also if it fails, so that the
 * user does not have to answer again.
 *
 * @param line gets whether it may confirm the changes: a user who declined, or whose run failed, has not agreed to a later run
 */
export async function withNextLine<T>(
  line: (isConfirmed: boolean) => string | undefined,
  terminal: Terminal,
  work: () => Promise<T>,
): Promise<T> {
  let isDone = false
  try {
    const result = await work()
    isDone = true
    return result
  } finally {
    const next = line(isDone)
    if (next !== undefined) terminal.message(['To repeat this run with the same answers:', `  ${next}`])
  }
}
