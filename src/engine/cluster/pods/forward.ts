import {type AddressInfo, createServer, type Server, type Socket} from 'node:net'
import {PassThrough} from 'node:stream'
import {openStreams, type StreamAccess} from './stream-access.ts'
import {errorOfStream} from './stream-error.ts'

/** A local port from which connections are forwarded to a pod. */
export interface Forwarding {
  port: number
  /** Ends all connections. */
  close(): void
}

/** Where connections are forwarded. */
export interface ForwardOptions {
  /** Called for each connection, because pods are replaced. */
  pod: () => Promise<{namespace: string; name: string}>
  /** Port of the pod. */
  port: number
  /** Port on this machine; 0 for a free one. */
  localPort: number
  /** Called for a connection that fails. Others continue. */
  onError: (error: Error) => void
}

/**
 * Listens on a port of the loopback interface, and forwards each connection to a port of a pod through the API server.
 *
 * @throws an error of the operating system (with `code`) if the port cannot be used
 */
export async function forwardPort(access: StreamAccess, options: ForwardOptions): Promise<Forwarding> {
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    connect(access, socket, options).catch((error: unknown) => {
      socket.destroy()
      options.onError(errorOfStream(error) ?? new Error('the connection was refused'))
    })
  })
  await listening(server, options.localPort)
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({host: '127.0.0.1', port, exclusive: true}, resolve)
  })
}

async function connect(access: StreamAccess, socket: Socket, {pod, port, onError}: ForwardOptions): Promise<void> {
  // What arrives before the stream is open stays in the buffer of the socket.
  socket.pause()
  const {PortForward} = await import('@kubernetes/client-node')
  const errors = new PassThrough()
  const fail = (error: Error) => {
    socket.destroy()
    onError(error)
  }
  errors.once('data', chunk => fail(new Error(String(chunk).trim().slice(0, 1000))))
  const {config, handler} = await openStreams(access, fail)
  const {namespace, name} = await pod()
  const forward = new PortForward(config, true, handler)
  const stream = await forward.portForward(
    encodeURIComponent(namespace),
    encodeURIComponent(name),
    [port],
    socket,
    errors,
    socket,
  )
  if (typeof stream === 'function') return
  stream.on('close', () => socket.end())
  socket.once('close', () => stream.close())
  socket.resume()
}
