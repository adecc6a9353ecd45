import {stripVTControlCharacters} from 'node:util'
import {ApiError, UnreachableError} from '../engine/cluster/errors.ts'
import {type ExitCode, exitCodes, MeshError, messageOf, type Problem} from '../errors.ts'

/** How a run ended badly: what to print and the exit code. */
export interface Failure {
  problems: Problem[]
  exit: ExitCode
  /** For `-v=6`; undefined where it would say nothing to anybody. */
  stack: string | undefined
}

/** What oclif's errors carry, as far as it is needed; matched by shape, since oclif is loaded by others. */
interface OclifError extends Error {
  oclif?: {exit?: number}
  /** What is missing (RequiredArgsError), or the words that are too many (UnexpectedArgsError). */
  args?: ({name: string; description?: string; options?: string[]} | string)[]
}

/**
 * Anything thrown → what the user reads. Never exit 1: that means differences.
 *
 * @param command words of the command that ran, for the hint; undefined before it is known
 */
export function failureOf(error: unknown, command: string | undefined): Failure {
  const stack = error instanceof Error ? error.stack : undefined
  if (error instanceof MeshError) return {problems: error.problems, exit: error.exit, stack}
  if (isInterrupt(error)) return {problems: [{message: 'interrupted'}], exit: exitCodes.interrupted, stack: undefined}
  if (isUsage(error)) return {problems: usageProblems(error, command), exit: exitCodes.usage, stack: undefined}
  const problem: Problem = {message: messageOf(error)}
  if (!isExpected(error)) {
    problem.message = `unexpected: ${problem.message}`
    problem.hints = ['run it again with -v=6 to see where it comes from']
  }
  return {problems: [problem], exit: exitCodes.refused, stack}
}

/** The lines for stderr, each ended by a newline. Control characters, which a server's message may hold, are left out. */
export function failureText(failure: Failure, verbosity: number): string {
  const lines = failure.problems.flatMap(({message, hints = []}) => [
    ...labelled('error: ', message),
    ...hints.flatMap(hint => labelled('hint:  ', hint)),
  ])
  if (verbosity >= 6 && failure.stack) lines.push(failure.stack)
  return `${lines.join('\n')}\n`
}

/** Ctrl-C at a question: inquirer's error, matched by name to keep inquirer out of the module graph. */
function isInterrupt(error: unknown): boolean {
  return error instanceof Error && (error.name === 'ExitPromptError' || error.message === 'SIGINT')
}

/** Errors whose message says enough: from API servers, and of the operating system (`ENOENT: …`). */
function isExpected(error: unknown): boolean {
  return (
    error instanceof ApiError || error instanceof UnreachableError || (error instanceof Error && 'syscall' in error)
  )
}

/** oclif's parser: errors of its own carry exit 2; what a flag's `parse` threw has a changed message. */
function isUsage(error: unknown): error is OclifError {
  return error instanceof Error && ((error as OclifError).oclif?.exit === 2 || /^Parsing --/.test(error.message))
}

function usageProblems(error: OclifError, command: string | undefined): Problem[] {
  const messages = Array.isArray(error.args) ? error.args.map(argumentMessage) : oclifMessages(error.message)
  const problems = messages.map((message): Problem => ({message}))
  problems.at(-1)!.hints = [['kubectl mesh', command, '--help'].filter(Boolean).join(' ')]
  return problems
}

function argumentMessage(arg: NonNullable<OclifError['args']>[number]): string {
  if (typeof arg === 'string') return `unexpected argument ${arg}`
  const about = arg.options ? `one of ${arg.options.join(', ')}` : arg.description
  return `${arg.name.toUpperCase()} is missing${about ? `: ${about}` : ''}`
}

/** oclif's message, wrapped and with advice, as one line for each thing that is wrong. */
function oclifMessages(message: string): string[] {
  const lines = stripVTControlCharacters(message)
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '' && !/^See more help/.test(line))
  if (/^The following errors? occurred:$/.test(lines[0] ?? '')) return lines.slice(1)
  const line = lines.join(' ')
  return [
    line
      .replace(/^Parsing (--\S+) +/, '$1: ')
      .replace(/^Flag (--\S+) /, '$1 ')
      .replace(/^Expected (.*) to be one of: /s, '$1 is not one of '),
  ]
}

function labelled(label: string, text: string): string[] {
  const lines = stripVTControlCharacters(text)
    .replace(/[^\P{Cc}\n\t]/gu, '')
    .trimEnd()
    .split('\n')
  return lines.map((line, at) => `${at === 0 ? label : ' '.repeat(label.length)}${line}`)
}
