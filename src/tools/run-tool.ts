import {spawn} from 'node:child_process'
import {access, constants} from 'node:fs/promises'
import {delimiter, join} from 'node:path'
import {messageOf, refusedError} from '../errors.ts'

/** The message of the error that `failure.ts` reports as an interrupt. */
const interrupt = 'SIGINT'

/** The result of a program. */
export interface ToolResult {
  /** Exit code; -1 if a signal ended the program. */
  code: number
  stdout: string
  stderr: string
}

export interface ToolOptions {
  /** Written to stdin. */
  input?: string
  /** Ends the program when it aborts. */
  signal?: AbortSignal | undefined
}

/**
 * Runs another program without a shell and returns its result, regardless of its exit code. Pass secrets in `input`: every
 * user of the machine can read argv.
 *
 * @throws an `Error` of the operating system (with `syscall`) if the program cannot be started; the reason of `signal` when it
 *   aborts; the error of an interrupt if Ctrl-C has ended the program
 */
export function runTool(program: string, args: readonly string[], options: ToolOptions = {}): Promise<ToolResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(options.signal ? {signal: options.signal} : {}),
    })
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
    child.once('error', error => reject(options.signal?.aborted ? options.signal.reason : error))
    child.once('close', (code, signal) => {
      // On a terminal, Ctrl-C interrupts the program too: its result does not depend on its input.
      if (options.signal?.aborted) reject(options.signal.reason)
      else if (signal === 'SIGINT') reject(new Error(interrupt))
      else resolve({code: code ?? -1, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString()})
    })
    // A program may exit without reading stdin. Its exit code shows whether that is a failure.
    child.stdin.on('error', () => undefined)
    child.stdin.end(options.input ?? '')
  })
}

/**
 * Runs a program by its path from `findTool`, and returns its result, regardless of its exit code.
 *
 * @throws MeshError (exit 3) if the program cannot be started; what `runTool` throws if it is aborted or interrupted
 */
export async function runFoundTool(
  file: string,
  args: readonly string[],
  options: ToolOptions = {},
): Promise<ToolResult> {
  try {
    return await runTool(file, args, options)
  } catch (error) {
    if (options.signal?.aborted || messageOf(error) === interrupt) throw error
    throw refusedError(`cannot run ${file}: ${messageOf(error)}`)
  }
}

/**
 * Returns the path of an executable file, or undefined if there is none.
 *
 * @param name a path (with a slash), or a name to look up in `path`
 * @param path list of folders, as in the environment variable PATH
 */
export async function findTool(name: string, path = process.env.PATH ?? ''): Promise<string | undefined> {
  const candidates = name.includes('/')
    ? [name]
    : path
        .split(delimiter)
        .filter(Boolean)
        .map(folder => join(folder, name))
  for (const candidate of candidates) if (await isExecutable(candidate)) return candidate
  return undefined
}

function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  )
}

/**
 * Returns the last error line that a tool printed, without its prefix `Error:`. If no line has this prefix, it is the last
 * line.
 *
 * @param stderr whole standard error of the tool
 */
export function lastError(stderr: string): string {
  const lines = stderr.split('\n').filter(line => line.trim() !== '')
  const error = lines.findLast(line => /^error:/i.test(line)) ?? lines.at(-1)
  return error?.replace(/^error:\s*/i, '').trim() ?? 'no message on standard error'
}
