import http from 'node:http'
import net, {type AddressInfo} from 'node:net'
import {gzipSync} from 'node:zlib'
import {afterEach, describe, expect, it} from 'vitest'
import {attempt} from '../../../src/engine/cluster/attempt.ts'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function listen(server: net.Server): Promise<number> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const sockets = new Set<net.Socket>()
  server.on('connection', socket => sockets.add(socket.on('error', () => {})))
  ends.push(() => {
    for (const socket of sockets) socket.destroy()
    return new Promise(resolve => server.close(resolve))
  })
  return (server.address() as AddressInfo).port
}

const target = (protocol: string, port: number) => ({protocol, hostname: '127.0.0.1', port, method: 'GET', path: '/'})

describe('attempt', () => {
  it('takes a slow answer that goes on, and tells one that stops', async () => {
    let pieces = 6
    const server = http.createServer((_, response) => {
      let sent = 0
      const timer = setInterval(() => {
        response.write('x')
        if (++sent === pieces) clearInterval(timer)
        if (sent === 6) response.end()
      }, 150)
    })
    const options = target('http:', await listen(server))
    const limits = {connect: 0, idle: 400, total: 0}
    // 900 ms in all, each pause shorter than the limit.
    expect((await attempt(options, undefined, limits)).body.toString()).toBe('xxxxxx')
    pieces = 2
    await expect(attempt(options, undefined, limits)).rejects.toMatchObject({
      code: 'TOO_SLOW',
      message: 'no answer within 0.4 s',
    })
  })

  it('tells a server that takes the connection and never shakes hands', async () => {
    const port = await listen(net.createServer())
    await expect(
      attempt(target('https:', port), undefined, {connect: 200, idle: 60_000, total: 0}),
    ).rejects.toMatchObject({code: 'TOO_SLOW', message: 'no connection within 0.2 s'})
  })

  it('reads a zipped answer, and tells one that breaks off', async () => {
    const whole = gzipSync('y'.repeat(100_000))
    let size = whole.length
    const server = http.createServer((_, response) => {
      response.writeHead(200, {'content-encoding': 'gzip', 'content-length': whole.length})
      response.write(whole.subarray(0, size), () => (size < whole.length ? response.destroy() : response.end()))
    })
    const options = target('http:', await listen(server))
    const limits = {connect: 0, idle: 0, total: 0}
    expect((await attempt(options, undefined, limits)).body).toHaveLength(100_000)
    size = 20
    await expect(attempt(options, undefined, limits)).rejects.toMatchObject({code: 'ECONNRESET'})
  })

  it('does not take an answer without end', async () => {
    const chunk = Buffer.alloc(1024 * 1024)
    const server = http.createServer((_, response) => {
      const more = () => {
        while (response.write(chunk));
        response.once('drain', more)
      }
      more()
    })
    const options = target('http:', await listen(server))
    await expect(attempt(options, undefined, {connect: 0, idle: 0, total: 0})).rejects.toMatchObject({
      code: 'TOO_LARGE',
    })
  })
})
