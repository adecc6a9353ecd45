import {createReadStream} from 'node:fs'
import type {Readable} from 'node:stream'

/** Largest file that a user names, in bytes: far more than a mesh file or Helm values need. */
export const maxFileBytes = 4 * 1024 * 1024

/**
 * Reads a text file, or stdin, up to a limit.
 *
 * Threat: a file from elsewhere, a device or a pipe may have no end; reading all of it would exhaust the memory.
 *
 * @param file path, `-` for stdin
 * @throws an error of the operating system (with `code`), or an Error for a file that is larger than `maxFileBytes`
 */
export async function readText(file: string): Promise<string> {
  const stream: Readable = file === '-' ? process.stdin : createReadStream(file)
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of stream as AsyncIterable<Buffer>) {
    bytes += part.length
    if (bytes > maxFileBytes)
      throw new Error(`${file === '-' ? 'stdin' : file} is larger than the limit of ${maxFileBytes} bytes (4 MiB)`)
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}
