import http from 'node:http'
import net from 'node:net'
import {gzipSync} from 'node:zlib'
import {describe, expect, it} from 'vitest'
import {attempt} from '../../../src/engine/cluster/attempt.ts'
import {listen} from './servers.ts'

const target = (protocol: string, port: number) => ({protocol, hostname: '127.0.0.1', port, method: 'GET', path: '/'})

describe('attempt', () => {
  it('accepts a slow response, and reports one that stops', async () => {
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
    // 900 ms in total, with each pause shorter than the limit.
    expect((await attempt(options, undefined, limits)).body.toString()).toBe('xxxxxx')
    pieces = 2
    await expect(attempt(options, undefined, limits)).rejects.toMatchObject({
      code: 'TOO_SLOW',
      message: 'no response within 0.4 s',
    })
  })

  it('reports a server that accepts the connection without a TLS handshake', async () => {
    const port = await listen(net.createServer())
    await expect(
      attempt(target('https:', port), undefined, {connect: 200, idle: 60_000, total: 0}),
    ).rejects.toMatchObject({code: 'TOO_SLOW', message: 'no connection within 0.2 s'})
  })

  it('reads a compressed response, and reports one that is cut off', async () => {
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

  it('reports a response that never ends', async () => {
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
