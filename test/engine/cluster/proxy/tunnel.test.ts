import http from 'node:http'
import net from 'node:net'
import {describe, expect, it, onTestFinished} from 'vitest'
import {openTunnel} from '../../../../src/engine/cluster/proxy/tunnel.ts'
import {loadKubeconfig} from '../../../../src/engine/kubeconfig/kubeconfig.ts'
import {startFaultProxy} from '../../../support/servers/fault-proxy.ts'
import {closedPort, connect, listen} from '../servers.ts'

/** Connects a client to a port on loopback, as a proxy does. */
function forward(client: net.Socket, port: number): void {
  const upstream = net.connect(port, '127.0.0.1')
  upstream.on('error', () => client.destroy())
  client.on('error', () => upstream.destroy())
  client.pipe(upstream).pipe(client)
}

/** Sends 100 simultaneous requests through a proxy. */
async function readThrough(proxyUrl: string): Promise<{handshakes: number; requests: number}> {
  const server = await startFaultProxy({decide: () => ({status: 200, body: {ok: true}})})
  onTestFinished(() => server.close())
  const kubeconfig = loadKubeconfig({kubeconfig: server.kubeconfig, env: {}})
  kubeconfig.clusters.get('proxy')!.value.proxyUrl = proxyUrl
  const cluster = await connect(kubeconfig)
  await Promise.all(Array.from({length: 100}, () => cluster.read('/version')))
  return {handshakes: server.handshakes, requests: server.requests.length}
}

/** A SOCKS 5 proxy. It requires a user if `logins` is set, and answers each request with `reply`. */
function socksProxy({logins, requests = [], reply = 0}: {logins?: string[]; requests?: Buffer[]; reply?: number}) {
  return net.createServer(client => {
    const onRequest = (request: Buffer) => {
      requests.push(request)
      client.write(Buffer.from([5, reply, 0, 1, 0, 0, 0, 0, 0, 0]))
      if (reply === 0) forward(client, request.readUInt16BE(request.length - 2))
      else client.end()
    }
    client.once('data', () => {
      client.write(Buffer.from([5, logins ? 2 : 0]))
      if (!logins) return client.once('data', onRequest)
      return client.once('data', login => {
        logins.push(login.toString('latin1'))
        client.write(Buffer.from([1, 0]))
        client.once('data', onRequest)
      })
    })
  })
}

describe('HTTP CONNECT', () => {
  it('authenticates and carries all requests over at most 16 connections', async () => {
    const seen: (string | undefined)[] = []
    const proxy = http.createServer().on('connect', (request, client: net.Socket) => {
      seen.push(request.headers['proxy-authorization'])
      client.write('HTTP/1.1 200 OK\r\n\r\n')
      forward(client, Number(request.url!.split(':').at(-1)))
    })
    const result = await readThrough(`http://user:p%40ss@127.0.0.1:${await listen(proxy)}`)
    expect(result.requests).toBe(100)
    expect(result.handshakes).toBeLessThanOrEqual(16)
    expect(new Set(seen)).toEqual(new Set([`Basic ${Buffer.from('user:p@ss').toString('base64')}`]))
  })

  it('reports the status of a proxy that refuses', async () => {
    const refusing = http.createServer().on('connect', (_, client) => client.end('HTTP/1.1 407 Authenticate\r\n\r\n'))
    await expect(readThrough(`http://127.0.0.1:${await listen(refusing)}`)).rejects.toThrow(
      'CONNECT failed with status 407 Authenticate',
    )
  })
})

describe('SOCKS 5', () => {
  it('authenticates and carries all requests over at most 16 connections', async () => {
    const logins: string[] = []
    const result = await readThrough(`socks5://user:pass@127.0.0.1:${await listen(socksProxy({logins}))}`)
    expect(result.requests).toBe(100)
    expect(result.handshakes).toBeLessThanOrEqual(16)
    expect(new Set(logins)).toEqual(new Set(['\x01\x04user\x04pass']))
  })

  it('lets the proxy resolve host names', async () => {
    const requests: Buffer[] = []
    const proxy = new URL(`socks5://127.0.0.1:${await listen(socksProxy({requests}))}`)
    const echo = await listen(net.createServer(socket => socket.pipe(socket)))
    const tunnel = openTunnel(proxy, 'api.example.test', echo)
    tunnel.write('hello')
    const [answer] = await new Promise<Buffer[]>(resolve => tunnel.once('data', (...data) => resolve(data)))
    tunnel.destroy()
    expect(String(answer)).toBe('hello')
    expect(requests[0]!.subarray(3, -2).toString('latin1')).toBe('\x03\x10api.example.test')
  })

  it.each([
    ['a reply with an error', () => socksProxy({logins: [], reply: 5}), /SOCKS handshake failed: .*ConnectionRefused/],
    ['a connection that is closed', () => net.createServer(client => client.end(Buffer.from([5]))), /Socket closed/],
  ])('reports %s, without the password', async (_, proxy, message) => {
    const url = `socks5://u:hunter2@127.0.0.1:${await listen(proxy())}`
    const error = await readThrough(url).catch((error: Error) => error as Error & {cause: Error})
    expect(error).toMatchObject({name: 'UnreachableError', message: expect.stringMatching(message)})
    // The whole chain of causes, as `util.inspect` prints it with -v.
    const {inspect} = await import('node:util')
    expect(inspect(error, {depth: Number.POSITIVE_INFINITY})).not.toContain('hunter2')
  })

  it('ends the connection to a proxy that hangs when the tunnel is closed', async () => {
    const accepted = Promise.withResolvers<net.Socket>()
    const hanging = net.createServer(socket => accepted.resolve(socket.resume()))
    const tunnel = openTunnel(new URL(`socks5://127.0.0.1:${await listen(hanging)}`), 'x', 1)
    const socket = await accepted.promise
    const closed = new Promise(resolve => socket.once('close', resolve))
    tunnel.destroy()
    await closed
  })
})

describe.each(['http', 'socks5'])('a closed %s proxy', protocol => {
  it('is reported with its host and the error code, without its password', async () => {
    const port = await closedPort()
    const error = await readThrough(`${protocol}://u:hunter2@127.0.0.1:${port}`).catch((error: Error) => error)
    expect((error as Error).message).toMatch(new RegExp(`proxy 127\\.0\\.0\\.1:${port}: .*ECONNREFUSED`))
    expect((error as Error).message).not.toContain('hunter2')
    expect((error as Error).cause).toMatchObject({code: 'ECONNREFUSED'})
  })
})
