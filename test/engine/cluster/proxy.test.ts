import http from 'node:http'
import net, {type AddressInfo} from 'node:net'
import {afterEach, describe, expect, it} from 'vitest'
import {connectCluster} from '../../../src/engine/cluster/connect.ts'
import {proxyFor} from '../../../src/engine/cluster/proxy.ts'
import {loadKubeconfig} from '../../../src/engine/kubeconfig/kubeconfig.ts'
import {startFaultProxy} from '../../support/servers/fault-proxy.ts'

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

function join(client: net.Socket, target: string): net.Socket {
  const upstream = net.connect(Number(target.split(':').at(-1)), '127.0.0.1')
  upstream.on('error', () => client.destroy())
  client.on('error', () => upstream.destroy())
  client.pipe(upstream).pipe(client)
  return upstream
}

/** Reads through `proxyUrl` 100 times at once from a server behind it. */
async function readThrough(proxyUrl: string): Promise<{handshakes: number; requests: number}> {
  const server = await startFaultProxy({decide: () => ({status: 200, body: {ok: true}})})
  ends.push(() => server.close())
  const kubeconfig = loadKubeconfig({kubeconfig: server.kubeconfig, env: {}})
  kubeconfig.clusters.get('proxy')!.value.proxyUrl = proxyUrl
  const cluster = await connectCluster(kubeconfig, '', {fieldManager: 'test'})
  ends.push(() => cluster.close())
  await Promise.all(Array.from({length: 100}, () => cluster.read('/version')))
  return {handshakes: server.handshakes, requests: server.requests.length}
}

describe('a proxy-url', () => {
  it('leads through an HTTP proxy, with its user, over at most 16 connections', async () => {
    const seen: (string | undefined)[] = []
    const proxy = http.createServer().on('connect', (request, client: net.Socket) => {
      seen.push(request.headers['proxy-authorization'])
      client.write('HTTP/1.1 200 OK\r\n\r\n')
      join(client, request.url!)
    })
    const result = await readThrough(`http://user:p%40ss@127.0.0.1:${await listen(proxy)}`)
    expect(result.requests).toBe(100)
    expect(result.handshakes).toBeLessThanOrEqual(16)
    expect(new Set(seen)).toEqual(new Set([`Basic ${Buffer.from('user:p@ss').toString('base64')}`]))
  })

  it('leads through a SOCKS proxy, with its user', async () => {
    const seen: string[] = []
    const proxy = net.createServer(client => {
      client.once('data', () => {
        client.write(Buffer.from([5, 2]))
        client.once('data', login => {
          seen.push(login.toString('latin1'))
          client.write(Buffer.from([1, 0]))
          client.once('data', request => {
            const port = request.readUInt16BE(request.length - 2)
            client.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]))
            join(client, `127.0.0.1:${port}`)
          })
        })
      })
    })
    const result = await readThrough(`socks5://user:pass@127.0.0.1:${await listen(proxy)}`)
    expect(result).toMatchObject({requests: 100})
    expect(new Set(seen)).toEqual(new Set(['\x01\x04user\x04pass']))
  })

  it('tells a proxy that is not there or says no, without its password', async () => {
    const closed = net.createServer()
    const port = await listen(closed)
    closed.close()
    const told = new RegExp(`proxy 127\\.0\\.0\\.1:${port}: .*ECONNREFUSED`)
    await expect(readThrough(`http://u:hunter2@127.0.0.1:${port}`)).rejects.toThrow(told)
    await expect(readThrough(`socks5://u:hunter2@127.0.0.1:${port}`)).rejects.toThrow(told)
    const refusing = http.createServer().on('connect', (_, client) => client.end('HTTP/1.1 407 Authenticate\r\n\r\n'))
    await expect(readThrough(`http://127.0.0.1:${await listen(refusing)}`)).rejects.toThrow('answered 407 Authenticate')
    const broken = net.createServer(client => client.end(Buffer.from([5])))
    await expect(readThrough(`socks5://127.0.0.1:${await listen(broken)}`)).rejects.toThrow('closed the connection')
  })
})

describe('which proxy', () => {
  const server = new URL('https://api.example.test:6443')
  const HTTPS_PROXY = 'http://proxy.test:3128'

  it('takes the kubeconfig before the environment, and loopback straight', () => {
    expect(proxyFor(server, '', {})).toBeUndefined()
    expect(proxyFor(server, '', {HTTPS_PROXY})?.host).toBe('proxy.test:3128')
    expect(proxyFor(server, '', {https_proxy: 'proxy.test:3128'})?.host).toBe('proxy.test:3128')
    expect(proxyFor(server, '', {HTTP_PROXY: HTTPS_PROXY})).toBeUndefined()
    expect(proxyFor(server, 'socks5://s', {HTTPS_PROXY, NO_PROXY: '*'})?.protocol).toBe('socks5:')
    for (const url of ['https://127.0.0.2:1', 'https://localhost', 'https://[::1]:1']) {
      expect(proxyFor(new URL(url), '', {HTTPS_PROXY})).toBeUndefined()
    }
  })

  it.each([
    ['*', true],
    ['example.test', true],
    ['.example.test', true],
    ['*.example.test', true],
    ['a, API.example.test:6443 ,b', true],
    ['api.example.test:443', false],
    ['ample.test', false],
    ['', false],
  ])('NO_PROXY=%s', (NO_PROXY, direct) => {
    expect(proxyFor(server, '', {HTTPS_PROXY, NO_PROXY}) === undefined).toBe(direct)
  })

  it.each([
    ['10.0.0.0/8', true],
    ['10.1.2.3', true],
    ['10.1.2.3:6443', true],
    ['10.1.2.0/99', false],
    ['fd00::/8', false],
    ['10.1.2.4', false],
  ])('NO_PROXY=%s for an address', (NO_PROXY, direct) => {
    expect(proxyFor(new URL('https://10.1.2.3:6443'), '', {HTTPS_PROXY, NO_PROXY}) === undefined).toBe(direct)
  })

  it('refuses what is no proxy, without telling its password', () => {
    expect(() => proxyFor(server, 'ftp://u:hunter2@x', {})).toThrow(
      expect.objectContaining({
        exit: 2,
        message: 'the proxy of api.example.test:6443 is not an http, https or socks5 URL',
      }),
    )
  })
})
