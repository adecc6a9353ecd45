import {createHash} from 'node:crypto'
import http from 'node:http'
import net from 'node:net'
import {describe, expect, it} from 'vitest'
import type {ConnectOptions} from '../../../src/engine/cluster/connect.ts'
import type {UserEntry} from '../../../src/engine/kubeconfig/entries.ts'
import {configFor, connect, listen, start} from './servers.ts'

const pod = {namespace: 'team a', name: '../x'}

/** A server that records the requests to upgrade a connection, and rejects them. */
async function upgradeServer(): Promise<{port: number; seen: http.IncomingMessage[]}> {
  const seen: http.IncomingMessage[] = []
  const server = http.createServer()
  server.on('upgrade', (request, socket) => {
    seen.push(request)
    socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n')
  })
  return {port: await listen(server), seen}
}

/** A server that accepts every stream and sends one message whose header announces a length in bytes. */
async function streamServer(length: number): Promise<number> {
  const server = http.createServer()
  server.on('upgrade', (request, socket) => {
    const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`
    const accept = createHash('sha1').update(key).digest('base64')
    const head = ['HTTP/1.1 101 Switching Protocols', 'upgrade: websocket', 'connection: upgrade']
    const protocol = request.headers['sec-websocket-protocol']!.split(',')[0]
    socket.write(
      `${[...head, `sec-websocket-accept: ${accept}`, `sec-websocket-protocol: ${protocol}`].join('\r\n')}\r\n\r\n`,
    )
    // A binary message in one frame, with a length of 64 bits (RFC 6455, 5.2). Its first byte is the number of the stream.
    const header = Buffer.alloc(11)
    header.set([0x82, 127])
    header.writeBigUInt64BE(BigInt(length), 2)
    header[10] = 1
    socket.write(header)
    socket.write(Buffer.alloc(length - 1, 'x'))
    socket.on('error', () => undefined)
  })
  return listen(server)
}

/** A proxy that connects every tunnel to one port of loopback, and records the requested targets. */
async function connectProxy(port: number): Promise<{proxyUrl: string; tunnels: string[]}> {
  const tunnels: string[] = []
  const proxy = http.createServer()
  proxy.on('connect', (request, client: net.Socket) => {
    tunnels.push(request.url!)
    const socket = net.connect(port, '127.0.0.1', () => client.write('HTTP/1.1 200 OK\r\n\r\n'))
    socket.pipe(client).pipe(socket)
    socket.on('error', () => client.destroy())
    client.on('error', () => socket.destroy())
  })
  return {proxyUrl: `http://u:secret@127.0.0.1:${await listen(proxy)}`, tunnels}
}

async function clusterFor(server: string, user: Partial<UserEntry>, options: Partial<ConnectOptions>, cluster = {}) {
  const config = configFor(server, cluster)
  const empty = {as: '', asUid: '', asGroups: [], asUserExtra: {}, clientCertificate: '', clientKey: '', token: ''}
  config.users.set('u', {file: 'test', value: {...empty, ...user} as UserEntry})
  config.contexts.get('test')!.value.user = 'u'
  return connect(config, options)
}

const headers = {
  'impersonate-user': 'jane',
  'impersonate-group': 'dev, ops',
  'impersonate-uid': 'uid-1',
  'impersonate-extra-example.test%2fa%28b%29': '1, 2',
}

describe('port-forward and exec', () => {
  const user = {as: 'jane', asUid: 'uid-1', asGroups: ['dev', 'ops'], asUserExtra: {'example.test/a(b)': ['1', '2']}}

  it('impersonate the user, groups, UID and extra values of the kubeconfig, as all other requests', async () => {
    const {port, seen} = await upgradeServer()
    const cluster = await clusterFor(`http://127.0.0.1:${port}/prefix/`, user, {})
    await expect(cluster.pods.exec(pod, 'c', ['id'])).rejects.toThrow(/pod team a\/..\/x: .*403/)
    await expect(cluster.pods.read(pod, 8080, '/')).rejects.toThrow(/403/)
    expect(seen.map(({url}) => url!.split('?')[0])).toEqual([
      '/prefix/api/v1/namespaces/team%20a/pods/..%2Fx/exec',
      '/prefix/api/v1/namespaces/team%20a/pods/..%2Fx/portforward',
    ])
    for (const request of seen) expect(request.headers).toMatchObject(headers)
  })

  it('impersonate the user and groups of the flags', async () => {
    const {port, seen} = await upgradeServer()
    const cluster = await clusterFor(`http://127.0.0.1:${port}`, {}, {as: 'bob', asGroups: ['a', 'b']})
    await expect(cluster.pods.exec(pod, 'c', ['id'])).rejects.toThrow(/403/)
    expect(seen[0]!.headers).toMatchObject({'impersonate-user': 'bob', 'impersonate-group': 'a, b'})
  })

  it('send the credential of the user, as all other requests', async () => {
    const [secure] = await start(() => ({status: 403, body: {}}))
    const cluster = await clusterFor(secure.url, {token: 'abc'}, {}, {insecureSkipTlsVerify: true})
    await expect(cluster.pods.exec(pod, 'c', ['id'])).rejects.toThrow(/403/)
    await expect(cluster.pods.read(pod, 80, '/')).rejects.toThrow(/403/)
    expect(secure.requests.map(request => request.headers.authorization)).toEqual(['Bearer abc', 'Bearer abc'])
  })

  it('end with an error if a message is larger than 4 MiB', async () => {
    const cluster = await clusterFor(`http://127.0.0.1:${await streamServer(4 * 1024 * 1024 + 1)}`, {}, {})
    await expect(cluster.pods.exec(pod, 'c', ['id'])).rejects.toThrow(/pod team a\/..\/x: .*(too large|exceeded)/)
    await expect(cluster.pods.read(pod, 8080, '/')).rejects.toThrow(/port 8080: .*(too large|exceeded)/)
  })

  it('use the proxy of the kubeconfig over HTTP and HTTPS', async () => {
    const {port: plainPort} = await upgradeServer()
    const [secure] = await start(() => ({status: 403, body: {}}))
    const securePort = Number(new URL(secure.url).port)
    for (const [scheme, port] of [
      ['http', plainPort],
      ['https', securePort],
    ] as const) {
      const {proxyUrl, tunnels} = await connectProxy(port)
      const server = `${scheme}://cluster.test:${port}`
      const cluster = await clusterFor(server, {}, {}, {proxyUrl, insecureSkipTlsVerify: scheme === 'https'})
      await expect(cluster.pods.exec(pod, 'c', ['id'])).rejects.toThrow(/403/)
      await expect(cluster.pods.read(pod, 80, '/')).rejects.toThrow(/403/)
      expect(tunnels).toEqual([`cluster.test:${port}`, `cluster.test:${port}`])
    }
    expect(secure.requests.map(({url}) => url.split('?')[0])).toEqual([
      '/api/v1/namespaces/team%20a/pods/..%2Fx/exec',
      '/api/v1/namespaces/team%20a/pods/..%2Fx/portforward',
    ])
  })
})
