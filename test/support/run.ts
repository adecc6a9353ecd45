import {spawn} from 'node:child_process'

/** The result of a command. */
export interface Ran {
  /** Exit code; -1 if a signal ended the command. */
  code: number
  stdout: string
  stderr: string
}

/** How to run a command. */
export interface RunOptions {
  /** Written to stdin, which is then closed (default: empty). */
  input?: string
  /** Added to the environment of this process; undefined removes a variable. */
  env?: Record<string, string | undefined>
  cwd?: string
  /** Milliseconds after which the command is killed (default 120,000). */
  timeout?: number
  /** Kills the command when it is aborted. The result is then rejected. */
  signal?: AbortSignal
}

/** Runs a command without a shell and returns its result, whatever the exit code. Rejects if the command cannot be started. */
export function run(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const [command, ...args] = argv
  if (command === undefined) throw new Error('run: no command')
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: {...process.env, ...options.env},
      timeout: options.timeout ?? 120_000,
      killSignal: 'SIGKILL',
      signal: options.signal,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', chunk => out.push(chunk))
    child.stderr.on('data', chunk => err.push(chunk))
    child.on('error', reject)
    const done = (code: number | null) =>
      resolve({code: code ?? -1, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString()})
    // Not `close`: scripts start servers that keep stderr open.
    child.on('exit', code => setImmediate(done, code))
    // A command may end without reading its input.
    child.stdin.on('error', () => undefined)
    child.stdin.end(options.input ?? '')
  })
}

/**
 * Runs a command and returns its stdout.
 *
 * @throws Error with the output of the command if its exit code is not 0
 */
export async function runOk(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const {code, stdout, stderr} = await run(argv, options)
  if (code !== 0) throw new Error(`exit ${code}: ${argv.join(' ')}\n${stderr || stdout}`)
  return stdout
}
