import {randomInt} from 'node:crypto'
import {createServer} from 'node:net'

/**
 * Finds consecutive free ports on 127.0.0.1. They are below the range for outgoing connections (from 32768 on Linux), so that
 * they probably stay free until they are used.
 *
 * @returns the first port
 */
export async function findFreePorts(count: number): Promise<number> {
  for (;;) {
    const first = randomInt(20_000, 32_000 - count)
    const free = await Promise.all(Array.from({length: count}, (_, index) => isFree(first + index)))
    if (free.every(Boolean)) return first
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
