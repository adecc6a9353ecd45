import {closeSync, createReadStream, openSync, readSync} from 'node:fs'
import {stat} from 'node:fs/promises'
import type {Readable} from 'node:stream'
import {usageError} from '../errors.ts'

/** Largest file that a user names, in bytes: far more than a mesh file, Helm values or certificates need. */
export const maxFileBytes = 4 * 1024 * 1024

/**
 * Reads a text file, or stdin, up to a limit: see `readBytes`.
 *
 * @param file path, `-` for stdin
 * @throws an error of the operating system (with `code`), or MeshError (exit 2) for a file that is larger than
 *   `maxFileBytes`
 */
export async function readText(file: string, maxBytes = maxFileBytes): Promise<string> {
  return (await readBytes(file, maxBytes)).toString('utf8')
}

/**
 * Reads a file, or stdin, up to a limit.
 *
 * Threat: a file from elsewhere, a device or a pipe may have no end; reading all of it would exhaust the memory.
 *
 * @param file path, `-` for stdin
 * @throws an error of the operating system (with `code`), or MeshError (exit 2) for a named pipe, and a file that is larger
 *   than `maxFileBytes`
 */
export async function readBytes(file: string, maxBytes = maxFileBytes): Promise<Buffer> {
  if (file !== '-') await refuseSpecialFile(file)
  const stream: Readable = file === '-' ? process.stdin : createReadStream(file)
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of stream as AsyncIterable<Buffer>) {
    bytes += part.length
    if (bytes > maxBytes)
      throw usageError(
        `${file === '-' ? 'stdin' : file} is larger than the limit of ${maxBytes} bytes (${maxBytes / 1024 / 1024} MiB)`,
      )
    parts.push(part)
  }
  return Buffer.concat(parts)
}

/**
 * Without a writer, a named pipe blocks its reader forever. The pipes of a shell, `<(command)`, are below `/dev/fd`.
 *
 * @throws MeshError (exit 2), or an error of the operating system (with `code`)
 */
async function refuseSpecialFile(file: string): Promise<void> {
  const found = await stat(file)
  if (found.isDirectory())
    throw Object.assign(new Error(`EISDIR: ${file} is a folder; expected a file`), {code: 'EISDIR', path: file})
  if (found.isFIFO() && !/^\/(?:dev|proc\/[^/]+)\/fd\//.test(file))
    throw usageError(`${file} is a named pipe; expected a file`, 'use - to read from standard input')
}

/**
 * Reads a file up to a limit, like `readBytes`, for code that runs before anything else can.
 *
 * @throws an error of the operating system (with `code`), or MeshError (exit 2) for a larger file. It does not quote the
 *   path, because a field that should name a file may contain a secret.
 */
export function readBytesSync(file: string, maxBytes = maxFileBytes): Buffer {
  const descriptor = openSync(file, 'r')
  const parts: Buffer[] = []
  try {
    for (let bytes = 0; ; ) {
      const part = Buffer.alloc(64 * 1024)
      const read = readSync(descriptor, part)
      if (read === 0) return Buffer.concat(parts)
      bytes += read
      if (bytes > maxBytes) throw usageError(`the file is larger than the limit of ${maxBytes} bytes`)
      parts.push(part.subarray(0, read))
    }
  } finally {
    closeSync(descriptor)
  }
}
