import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {Config} from '@oclif/core/config'
import {loadHelpClass} from '@oclif/core/help'
import {type ExitCode, exitCodes, refusedError} from './errors.ts'
import {readCommandLine} from './terminal/argv.ts'
import {failureOf, failureText} from './terminal/failure.ts'

/** Where the package lies, and for `bin/dev.ts` what differs from it. */
export interface MainOptions {
  /** Folder of package.json and oclif.manifest.json. */
  root: string
  /** package.json to use instead of the one there. */
  pjson?: Record<string, unknown>
  /** Read the command files instead of the manifest. */
  ignoreManifest?: boolean
}

/**
 * Runs one command line and prints what goes wrong to stderr.
 *
 * @returns the exit code; a command gives its own by returning it from `run()`
 */
export async function main(argv: string[], options: MainOptions): Promise<ExitCode> {
  let command: string | undefined
  let verbosity = 0
  try {
    const config = await loadConfig(options)
    const line = readCommandLine(argv, config.commands)
    if (line.run === 'version') {
      process.stdout.write(`${config.userAgent}\n`)
      return exitCodes.ok
    }
    if (line.run === 'help') {
      const Help = await loadHelpClass(config)
      await new Help(config, config.pjson.oclif.helpOptions).showHelp(line.words)
      return exitCodes.ok
    }
    command = line.id.replaceAll(':', ' ')
    verbosity = line.verbosity
    return (await config.runCommand<ExitCode | undefined>(line.id, line.argv)) ?? exitCodes.ok
  } catch (error) {
    const failure = failureOf(error, command)
    process.stderr.write(failureText(failure, verbosity))
    return failure.exit
  }
}

/** No plugins but our own: a stray ~/.local/share/kubectl-mesh/package.json loads nothing. */
async function loadConfig({root, pjson, ignoreManifest}: MainOptions): Promise<Config> {
  const config = new PlainConfig({
    root,
    userPlugins: false,
    devPlugins: false,
    pjson: (pjson ?? JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))) as never,
    ...(ignoreManifest ? {ignoreManifest} : {}),
  })
  await config.load()
  return config
}

/** Looks for no theme in the home folder. */
class PlainConfig extends Config {
  override async loadTheme(): Promise<undefined> {
    return undefined
  }
}

/** Runs `main` as the whole of this process: ends it with the exit code when all output is out. */
export async function start(argv: string[], options: MainOptions): Promise<void> {
  guardProcess()
  await leave(await main(argv, options))
}

/** Whatever ends the process before `main` does must not look like success, nor like differences. */
function guardProcess(): void {
  // A reader that has gone (`| head -1`) does not end work that is half done: what is printed is dropped.
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') fail(error)
    })
  // Rejections that nobody handles come here too.
  process.on('uncaughtException', fail)
  // A question whose stdin has ended keeps nothing alive: Node would end with 0.
  process.on('beforeExit', () =>
    fail(refusedError('standard input ended at a question', 'say it with flags, and --no-input')),
  )
  process.on('SIGINT', () => {
    // Whoever else listens (a question, a run that reports what it did) ends the process; a second Ctrl-C does not wait.
    if (process.listenerCount('SIGINT') === 1 || isInterrupted) fail(new Error('SIGINT'))
    isInterrupted = true
  })
}

let isInterrupted = false

function fail(error: unknown): void {
  const failure = failureOf(error, undefined)
  process.stderr.write(failureText(failure, 0))
  process.exit(failure.exit)
}

/** Ends the process once stdout and stderr have taken everything. Idle connections do not keep it alive. */
async function leave(exit: ExitCode): Promise<void> {
  for (const stream of [process.stdout, process.stderr])
    if (stream.writableLength > 0) await new Promise<void>(done => stream.write('', () => done()))
  process.exit(exit)
}
