import {type ChildProcess, spawn} from 'node:child_process'
import {fileURLToPath} from 'node:url'

/** Folder of the project, with a slash at the end. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

/** Path of the built plugin. */
export const bin = `${root}bin/run.js`

/** Path of the executable to test instead of the built plugin, or undefined. */
export const executable = process.env.KUBECTL_MESH_PROGRAM

/** Path of a program that runs the commands of `test/fixtures/cli` from the sources, with the same `main`. */
export const fixture = `${root}test/fixtures/cli/run.ts`

/** The result of a process. */
export interface Ended {
  /** Exit code; null if a signal ended the process. */
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

/** Waits until a process has ended and its output is complete. */
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

/**
 * Runs a program with the Node that runs the tests.
 *
 * @param options.input written to stdin, which is then closed
 * @param options.node further options of Node
 */
export function run(
  program: string,
  args: string[],
  options: {input?: string; env?: NodeJS.ProcessEnv; node?: string[]} = {},
): Promise<Ended> {
  const {input, env, node = []} = options
  const words = program === bin && executable ? [executable] : [process.execPath, ...node, program]
  const child = spawn(words[0]!, [...words.slice(1), ...args], {env: {...process.env, ...env}})
  // The program may end without reading stdin.
  child.stdin.on('error', () => {})
  child.stdin.end(input ?? '')
  return ended(child)
}

/** Runs a shell command line that may use `mesh`, which runs the plugin, `$node` and `$fixture`. */
export function shell(line: string, env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return ended(
    spawn('bash', ['-c', `mesh() { ${executable ? '"$executable"' : '"$node" "$bin"'} "$@"; }\n${line}`], {
      env: {...process.env, node: process.execPath, bin, executable, fixture, ...env},
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  )
}
