import {writeSync} from 'node:fs'
import type {Writable} from 'node:stream'

/** A stream of Node for a file descriptor. */
type OutputStream = Writable & {fd?: number}

/** The first error of each stream. Node clears `errored` of stdout, which it never destroys. */
const failures = new WeakMap<Writable, NodeJS.ErrnoException>()

/**
 * Records the errors of a stream for `outputFailure`, instead of ending the process in the middle of its work. Writes to a
 * file are complete or fail: on a full disk, a write first writes a part of the text, which Node's stream for files ignores
 * (`lib/internal/fs/sync_write_stream.js`, Node 24), so that the file would be truncated without an error.
 */
export function watchOutput(stream: OutputStream): void {
  stream.on('error', error => recordFailure(stream, error))
  // Terminals and pipes are sockets, which write the rest later.
  if (stream.constructor.name !== 'SyncWriteStream' || stream.fd === undefined) return
  const {fd} = stream
  stream._write = (chunk: Buffer, _encoding, done) => {
    try {
      for (let at = 0; at < chunk.length; ) at += writeSync(fd, chunk, at)
    } catch (error) {
      // Not passed on: oclif adds a listener that throws it, which would end the process.
      recordFailure(stream, error as Error)
    }
    done()
  }
}

function recordFailure(stream: Writable, error: Error): void {
  if (!failures.has(stream)) failures.set(stream, error)
}

/**
 * Returns why the output of a stream is incomplete; undefined if it is complete. A reader that has closed its pipe
 * (`| head -1`) wants no more output.
 */
export function outputFailure(stream: Writable): Error | undefined {
  const failure = failures.get(stream)
  return failure?.code === 'EPIPE' ? undefined : failure
}
