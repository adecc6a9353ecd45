import {spawn} from 'node:child_process'

/** What a command said. */
export interface Ran {
  /** Exit code; -1 when a signal ended it. */
  code: number
  stdout: string
  stderr: string
}

export interface RunOptions {
  /** Written to stdin, which is closed then; without it stdin is empty. */
  input?: string
  /** Added to this process's environment; undefined removes. */
  env?: Record<string, string | undefined>
  cwd?: string
  /** Milliseconds until it is killed; 120,000 without it. */
  timeout?: number
}

/** Runs a command without a shell and waits for its end. Rejects only if it cannot be started; any exit code is an answer. */
export function run(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const [command, ...args] = argv
  if (command === undefined) throw new Error('run: no command')
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: {...process.env, ...options.env},
      timeout: options.timeout ?? 120_000,
      killSignal: 'SIGKILL',
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', chunk => out.push(chunk))
    child.stderr.on('data', chunk => err.push(chunk))
    child.on('error', reject)
    const done = (code: number | null) =>
      resolve({code: code ?? -1, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString()})
    // `exit`, not `close`: scripts leave servers running that hold on to stderr
    child.on('exit', code => setImmediate(done, code))
    // a command that ends without reading its input is no error of ours
    child.stdin.on('error', () => undefined)
    child.stdin.end(options.input ?? '')
  })
}

/** As `run`, but gives stdout alone, and throws (with what stderr says) when the exit code is not 0. */
export async function runOk(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const {code, stdout, stderr} = await run(argv, options)
  if (code !== 0) throw new Error(`exit ${code}: ${argv.join(' ')}\n${stderr || stdout}`)
  return stdout
}
