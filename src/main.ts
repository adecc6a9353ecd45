import {type ExitCode, exitCodes, messageOf, refusedError} from './errors.ts'
import {readCommandLine} from './terminal/argv.ts'
import {runAtEnd} from './terminal/at-end.ts'
import {type Failure, failureOf, failureText} from './terminal/failure.ts'
import {helpText} from './terminal/help/help.ts'
import type {ConfigOptions} from './terminal/oclif-config.ts'
import {asciiMarks, hasUtf8} from './terminal/output/ascii.ts'
import {openTerminal} from './terminal/output/terminal.ts'
import {outputFailure, watchOutput} from './terminal/output/whole-output.ts'
import {helpView, type Program, programOf, readProgram} from './terminal/program.ts'

/**
 * Runs a command line and prints errors to stderr.
 *
 * @param argv the command line without the program
 * @returns the exit code that the command returned, or the code of its error
 */
export async function main(argv: string[], options: ConfigOptions): Promise<ExitCode> {
  let command: string | undefined
  let verbosity = 0
  try {
    const program = await loadProgram(options)
    const line = readCommandLine(argv, program.commands)
    if (line.run === 'version') {
      process.stdout.write(`${program.userAgent}\n`)
      return exitCodes.ok
    }
    if (argv.length === 0 && showsLanding()) return await runCommand('start', [], options)
    if (line.run === 'help') {
      process.stdout.write(helpText(line.words, program, helpView()))
      return exitCodes.ok
    }
    command = line.id.replaceAll(':', ' ')
    verbosity = line.verbosity
    return await runCommand(line.id, line.argv, options)
  } catch (error) {
    const failure = failureOf(error, command)
    writeFailure(failure, verbosity)
    return failure.exit
  } finally {
    await runAtEnd()
  }
}

/** Programs and pipes get the help, which needs no cluster. */
function showsLanding(): boolean {
  return openTerminal().interactive && process.stdout.isTTY
}

function writeFailure(failure: Failure, verbosity: number): void {
  const text = failureText(failure, verbosity)
  process.stderr.write(hasUtf8(process.env) ? text : asciiMarks(text))
}

/** oclif, which takes longer to load than Node takes to start, only if there is no manifest. */
async function loadProgram(options: ConfigOptions): Promise<Program> {
  if (!options.ignoreManifest) return readProgram(options.root)
  const {loadConfig} = await import('./terminal/oclif-config.ts')
  const {pjson, commands} = await loadConfig(options)
  return programOf(pjson as never, commands)
}

async function runCommand(id: string, argv: string[], options: ConfigOptions): Promise<ExitCode> {
  const {loadConfig} = await import('./terminal/oclif-config.ts')
  const config = await loadConfig(options)
  return (await config.runCommand<ExitCode | undefined>(id, argv)) ?? exitCodes.ok
}

/**
 * Runs `main` and exits the process with its exit code once stdout and stderr are flushed.
 *
 * @param argv the command line without the program
 */
export async function start(argv: string[], options: ConfigOptions): Promise<void> {
  guardProcess()
  await leave(await main(argv, options))
}

/** Ensures that a process that ends before `main` returns exits with a code other than 0 (success) and 1 (differences). */
function guardProcess(): void {
  // After an error the command continues, and its further output is dropped: it must not end in the middle of its writes to a
  // cluster. `leave` reports results that are lost, unless the reader has closed its pipe (`| head -1`).
  for (const stream of [process.stdout, process.stderr]) watchOutput(stream)
  // Node also calls this for unhandled rejections.
  process.on('uncaughtException', fail)
  // A prompt whose stdin ends does not keep the event loop alive, and Node would exit with 0.
  process.on('beforeExit', () =>
    fail(refusedError('standard input ended at a prompt', 'set the values with flags, and add --no-input')),
  )
  process.on('SIGINT', () => {
    // Another listener (a prompt, or a run that reports its changes) ends the process. A second Ctrl-C ends it at once.
    if (process.listenerCount('SIGINT') === 1 || isInterrupted) fail(new Error('SIGINT'))
    isInterrupted = true
  })
}

let isInterrupted = false

function fail(error: unknown): void {
  const failure = failureOf(error, undefined)
  writeFailure(failure, 0)
  process.exit(failure.exit)
}

/** Exits once stdout and stderr are flushed. Idle connections do not delay it. */
async function leave(exit: ExitCode): Promise<void> {
  await flush(process.stdout)
  const lost = outputFailure(process.stdout)
  if (lost) writeFailure(lostOutput(lost), 0)
  await flush(process.stderr)
  const isSuccess = exit === exitCodes.ok || exit === exitCodes.differences || exit === exitCodes.check
  process.exit(lost && isSuccess ? exitCodes.refused : exit)
}

function lostOutput(error: Error): Failure {
  const problem = {message: `cannot write to stdout: ${messageOf(error)}`, hints: ['the output is incomplete']}
  return {problems: [problem], exit: exitCodes.refused, stack: undefined}
}

async function flush(stream: NodeJS.WriteStream): Promise<void> {
  if (stream.writableLength > 0) await new Promise<void>(done => stream.write('', () => done()))
}
