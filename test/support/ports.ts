import {randomInt} from 'node:crypto'
import {createServer} from 'node:net'

/** Ports that were returned. Their users may not listen yet. */
const returned = new Set<number>()

/** Ports of this process. Test files that run at the same time have different ones. */
const own = {first: 20_000 + 3000 * (Number(process.env.VITEST_POOL_ID ?? 0) % 4), count: 3000}

/**
 * Finds consecutive free ports on 127.0.0.1. They are below the range for outgoing connections (from 32768 on Linux), so that
 * they probably stay free until they are used.
 *
 * @returns the first port
 */
export async function findFreePorts(count: number): Promise<number> {
  for (;;) {
    const first = own.first + randomInt(own.count - count)
    const ports = Array.from({length: count}, (_, index) => first + index)
    if (ports.some(port => returned.has(port))) continue
    for (const port of ports) returned.add(port)
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return first
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
