import {spawn} from 'node:child_process'
import {access, constants} from 'node:fs/promises'
import {delimiter, join} from 'node:path'

/** What a program said. */
export interface ToolAnswer {
  code: number
  stdout: string
  stderr: string
}

export interface ToolOptions {
  /** Written to stdin. */
  input?: string
  signal?: AbortSignal | undefined
}

/**
 * Runs another program without a shell, and waits for its end. What is secret goes in by `input`, never by argv, which
 * every user of the machine can read. Throws an `Error` of the operating system (`syscall` is set) when it can't be
 * started, and `AbortError` when the signal ended it.
 */
export function runTool(program: string, args: readonly string[], options: ToolOptions = {}): Promise<ToolAnswer> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(options.signal ? {signal: options.signal} : {}),
    })
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
    child.once('error', reject)
    child.once('close', code =>
      resolve({code: code ?? -1, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString()}),
    )
    // A program that ends without reading tells by its exit code.
    child.stdin.on('error', () => undefined)
    child.stdin.end(options.input ?? '')
  })
}

/** The file of a program: as it is when it is a path, else looked for in `PATH`; undefined when it is not there or can't be run. */
export async function findTool(name: string, path = process.env.PATH ?? ''): Promise<string | undefined> {
  const places = name.includes('/')
    ? [name]
    : path
        .split(delimiter)
        .filter(Boolean)
        .map(folder => join(folder, name))
  for (const place of places) {
    const runs = await access(place, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (runs) return place
  }
  return undefined
}
