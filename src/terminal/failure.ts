import {isDeepStrictEqual, stripVTControlCharacters} from 'node:util'
import {ApiError, UnreachableError} from '../engine/cluster/errors.ts'
import {type ExitCode, exitCodes, MeshError, messageOf, type Problem, problemsIn} from '../errors.ts'
import {escapeForTerminal} from '../text/escape-terminal.ts'
import {fileReason} from '../text/file-errors.ts'

/** What to print for a failed command, and its exit code. */
export interface Failure {
  problems: Problem[]
  exit: ExitCode
  /** Printed with `-v=6`. Undefined for user errors, where it is not useful. */
  stack: string | undefined
}

/** The used properties of oclif's errors. They are recognized by shape, to avoid importing all of oclif. */
interface OclifError extends Error {
  oclif?: {exit?: number}
  /** The missing arguments (RequiredArgsError) or the surplus words (UnexpectedArgsError). */
  args?: ({name: string; description?: string; options?: string[]} | string)[]
}

/**
 * Converts a thrown value to messages and an exit code. The code is never 1, which means that differences were found.
 *
 * @param error any thrown value
 * @param command words of the command that ran, for the hint; undefined while it is unknown
 */
export function failureOf(error: unknown, command: string | undefined): Failure {
  const stack = error instanceof Error ? error.stack : undefined
  if (error instanceof MeshError) return {problems: error.problems, exit: error.exit, stack}
  if (isInterrupt(error)) return {problems: [{message: 'interrupted'}], exit: exitCodes.interrupted, stack: undefined}
  if (isUsage(error)) return {problems: usageProblems(error, command), exit: exitCodes.usage, stack: undefined}
  if (isExpected(error)) return {problems: expectedProblems(error), exit: exitCodes.refused, stack}
  const hints = ['run the command again with -v=6 to see the stack trace']
  return {problems: [{message: `unexpected: ${messageOf(error)}`, hints}], exit: exitCodes.refused, stack}
}

/**
 * The lines for stderr, each with a newline. Control characters are escaped, and further lines of a message are
 * indented, because a message may come from a server: it can forge no other error or hint. Consecutive problems with the
 * same hints share them.
 *
 * @param verbosity the value of `-v`
 */
export function failureText(failure: Failure, verbosity: number): string {
  const lines = failure.problems.flatMap(({message, hints = []}, at) => [
    ...labelled('error: ', message),
    ...(isDeepStrictEqual(hints, failure.problems[at + 1]?.hints)
      ? []
      : hints.flatMap(hint => labelled('hint:  ', hint))),
  ])
  if (verbosity >= 6 && failure.stack) lines.push(...stackLines(failure.stack))
  return `${lines.join('\n')}\n`
}

/** Whether an error is Ctrl-C. inquirer's error is recognized by name, to avoid importing inquirer. */
export function isInterrupt(error: unknown): boolean {
  return error instanceof Error && (error.name === 'ExitPromptError' || error.message === 'SIGINT')
}

/** Errors of API servers and of the operating system. */
function isExpected(error: unknown): boolean {
  return (
    error instanceof ApiError || error instanceof UnreachableError || (error instanceof Error && 'syscall' in error)
  )
}

/** The message of an error is sufficient, except for files: it names a system call. */
function expectedProblems(error: unknown): Problem[] {
  const {path, syscall} = error as {path?: unknown; syscall?: unknown}
  if (typeof path !== 'string' || typeof syscall !== 'string' || syscall.startsWith('spawn')) return problemsIn(error)
  return [{message: `${path}: ${fileReason(error)}`}]
}

/** Errors of oclif's parser have exit code 2. An error from a flag's `parse` gets a prefix in its message instead. */
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

/** Splits oclif's message, which is wrapped and ends with advice, into one message per problem. */
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

/** The stack contains the message. Its further lines are indented like the calls, so that they look like no other error. */
function stackLines(stack: string): string[] {
  const lines = escapeForTerminal(stack).split('\n')
  return lines.map((line, at) => (at === 0 ? line : `    ${line.trimStart()}`))
}

function labelled(label: string, text: string): string[] {
  const lines = escapeForTerminal(text.trimEnd()).split('\n')
  return lines.map((line, at) => `${at === 0 ? label : ' '.repeat(label.length)}${line}`)
}
