import {type ChildProcess, spawn} from 'node:child_process'
import {fileURLToPath} from 'node:url'

/** The project's folder, with a slash behind. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

/** The built plugin. */
export const bin = `${root}bin/run.js`

/** The commands of `test/fixtures/cli`, run from the sources through the same `main`. */
export const fixture = `${root}test/fixtures/cli/run.ts`

/** How a process ended. */
export interface Ended {
  /** Exit code; null when a signal ended it. */
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

/** Waits for the end of a process and of its output. */
export async function ended(child: ChildProcess): Promise<Ended> {
  let stdout = ''
  let stderr = ''
  child.stdout?.setEncoding('utf8').on('data', text => (stdout += text))
  child.stderr?.setEncoding('utf8').on('data', text => (stderr += text))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({code, signal, stdout, stderr}))
  })
}

/** Runs a program with this Node. `input` is written to stdin, which is then closed. */
export function run(
  program: string,
  args: string[],
  {input, env, node = []}: {input?: string; env?: NodeJS.ProcessEnv; node?: string[]} = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [...node, program, ...args], {env: {...process.env, ...env}})
  // A program that ends without reading is no error.
  child.stdin.on('error', () => {})
  child.stdin.end(input ?? '')
  return ended(child)
}

/** Runs a line of shell, in which `$node`, `$bin` and `$fixture` stand for the programs. */
export function shell(line: string, env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return ended(
    spawn('bash', ['-c', line], {
      env: {...process.env, node: process.execPath, bin, fixture, ...env},
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  )
}
