import {type ChildProcess, spawn} from 'node:child_process'
import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'

/** The result of a run of the program. */
export interface ProgramResult {
  /** Exit code; -1 if a signal ended the program. */
  code: number
  stdout: string
  stderr: string
}

/** How to run the program. */
export interface MeshOptions {
  /** Added to the environment of this process; undefined removes a variable. */
  env?: Record<string, string | undefined>
  cwd?: string
  /** Written to stdin, which is then closed. */
  input?: string
  /** Called with the process as soon as it is started. */
  onStart?: (child: ChildProcess) => void
  /** Milliseconds after which the run is killed (default 100,000). */
  maxMs?: number
}

/** Path of the executable to test instead of the built program: `KUBECTL_MESH_PROGRAM`. */
export const executable = process.env.KUBECTL_MESH_PROGRAM

/** The words that start the program, without arguments. */
export const programWords: readonly string[] = executable
  ? [executable]
  : [process.execPath, join(import.meta.dirname, '..', '..', '..', 'bin', 'run.js')]

/** A home folder without a kubeconfig. */
export const home = mkdtempSync(join(tmpdir(), 'kubectl-mesh-home-'))
process.once('exit', () => rmSync(home, {recursive: true, force: true}))

/** Starts the built program without a terminal. */
export function startMesh(args: readonly string[], options: MeshOptions = {}): ChildProcess {
  const [command, ...words] = programWords
  const child = spawn(command!, [...words, ...args], {
    cwd: options.cwd ?? home,
    env: {...process.env, HOME: home, KUBECONFIG: undefined, ...options.env},
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stdin!.on('error', () => undefined)
  child.stdin!.end(options.input ?? '')
  options.onStart?.(child)
  return child
}

/** Runs the built program and returns its result, whatever the exit code. */
export function runMesh(args: readonly string[], options: MeshOptions = {}): Promise<ProgramResult> {
  const child = startMesh(args, options)
  let [stdout, stderr] = ['', '']
  child.stdout!.setEncoding('utf8').on('data', text => (stdout += text))
  child.stderr!.setEncoding('utf8').on('data', text => (stderr += text))
  const timer = setTimeout(() => child.kill('SIGKILL'), options.maxMs ?? 100_000)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', code => {
      clearTimeout(timer)
      resolve({code: code ?? -1, stdout, stderr})
    })
  })
}
