import http from 'node:http'
import {createRequire} from 'node:module'
import net from 'node:net'
import {afterEach, expect, test} from 'vitest'
import type {Forwarding} from '../../../../src/engine/cluster/pods/forward.ts'
import {configFor, connect, listen} from '../servers.ts'

interface WebSocket {
  send(data: Buffer): void
  close(): void
  on(event: 'message', listener: (data: Buffer) => void): void
}

/** The part of `ws` that the test uses. client-node depends on it; it has no types. */
const {WebSocketServer} = createRequire(import.meta.url)('ws') as {
  WebSocketServer: new (options: {
    server: http.Server
    handleProtocols: () => string
  }) => {on(event: 'connection', listener: (socket: WebSocket) => void): void}
}

const pod = {namespace: 'obs', name: 'kiali-0'}
const opened: Forwarding[] = []
afterEach(() => {
  for (const one of opened.splice(0)) one.close()
})

/** An API server whose pods answer on port 20001: with what they receive, in capitals. */
async function portForwardServer(): Promise<string> {
  const server = http.createServer()
  const sockets = new WebSocketServer({server, handleProtocols: () => 'v4.channel.k8s.io'})
  sockets.on('connection', socket => {
    // Each channel begins with the number of the port.
    for (const channel of [0, 1]) socket.send(Buffer.from([channel, 0x21, 0x4e]))
    socket.on('message', (data: Buffer) => {
      const text = data.subarray(1).toString()
      if (text === 'fail') socket.send(Buffer.from('\u0001the port is not open'))
      else if (text === 'end') socket.close()
      else socket.send(Buffer.from(`\u0000${text.toUpperCase()}`))
    })
  })
  return `http://127.0.0.1:${await listen(server)}`
}

async function forward(server: string, errors: string[] = []): Promise<number> {
  const cluster = await connect(configFor(server))
  const one = await cluster.pods.forward({
    ...{port: 20_001, localPort: 0, pod: async () => pod},
    onError: ({message}) => errors.push(message),
  })
  opened.push(one)
  return one.port
}

/** Sends a text and returns what arrives until the connection ends, or until the expected text has arrived. */
function exchange(port: number, text: string, expected?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = ''
    const socket = net.connect(port, '127.0.0.1', () => socket.write(text))
    socket.on('data', data => {
      received += String(data)
      if (received === expected) socket.destroy()
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(received))
  })
}

test('connections reach the pod, several at once', async () => {
  const port = await forward(await portForwardServer())
  expect(await Promise.all([exchange(port, 'hello', 'HELLO'), exchange(port, 'world', 'WORLD')])).toEqual([
    'HELLO',
    'WORLD',
  ])
})

test('a connection ends when the pod ends it', async () => {
  expect(await exchange(await forward(await portForwardServer()), 'end')).toBe('')
})

test('an error of the pod ends its connection; others continue', async () => {
  const errors: string[] = []
  const port = await forward(await portForwardServer(), errors)
  expect(await exchange(port, 'fail')).toBe('')
  expect(errors).toEqual(['the port is not open'])
  expect(await exchange(port, 'hello', 'HELLO')).toBe('HELLO')
})

test('a denied connection is reported', async () => {
  const server = http.createServer()
  server.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n'))
  const errors: string[] = []
  const port = await forward(`http://127.0.0.1:${await listen(server)}`, errors)
  expect(await exchange(port, 'hello')).toBe('')
  expect(errors).toEqual([expect.stringContaining('403')])
})

test('only this machine can connect, and a port in use is an error', async () => {
  const server = await portForwardServer()
  const port = await forward(server)
  const cluster = await connect(configFor(server))
  const again = cluster.pods.forward({port: 1, localPort: port, pod: async () => pod, onError: () => undefined})
  await expect(again).rejects.toMatchObject({code: 'EADDRINUSE'})
  // Loopback has many addresses, and only the one of the URL accepts connections.
  await expect(
    new Promise((resolve, reject) => net.connect(port, '127.0.0.2', () => resolve('connected')).on('error', reject)),
  ).rejects.toMatchObject({code: 'ECONNREFUSED'})
})
