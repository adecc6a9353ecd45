import {once} from 'node:events'
import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import {type Duplex, duplexPair} from 'node:stream'

/** The host and port behind a proxy. */
interface Target {
  host: string
  port: number
}

/** Longest delay of a timer in Node (2^31 − 1 ms). The time limits of the request apply instead. */
const noTimeoutMs = 2 ** 31 - 1

/**
 * Returns a connection to a host through a proxy. It accepts data at once and connects in the background.
 *
 * On failure it is destroyed with an error that names the proxy's host, but never its password. The error has the
 * `code` of the connection error, or `PROXY`.
 *
 * @param proxy an http, https, socks5 or socks5h URL
 */
export function openTunnel(proxy: URL, host: string, port: number): Duplex {
  const [near, far] = duplexPair()
  const closed = new AbortController()
  near.once('close', () => closed.abort())
  const connect = proxy.protocol.startsWith('socks5') ? connectSocks : connectHttp
  connect(proxy, {host, port}, closed.signal).then(
    raw => {
      far.pipe(raw)
      raw.pipe(far)
      raw.on('error', error => near.destroy(error))
      raw.on('close', () => near.destroy())
      near.on('close', () => raw.destroy())
      if (near.destroyed) raw.destroy()
    },
    (error: NodeJS.ErrnoException) => {
      const reported = new Error(`proxy ${proxy.host}: ${error.message || error.code}`, {cause: error})
      near.destroy(Object.assign(reported, {code: error.code ?? 'PROXY'}))
    },
  )
  return near
}

/** Opens a tunnel with an HTTP CONNECT request (RFC 9110, section 9.3.6). */
async function connectHttp(proxy: URL, {host, port}: Target, signal: AbortSignal): Promise<Duplex> {
  const target = `${net.isIPv6(host) ? `[${host}]` : host}:${port}`
  const {username, password} = userOf(proxy)
  const login = Buffer.from(`${username}:${password}`).toString('base64')
  const request = (proxy.protocol === 'https:' ? https : http).request({
    host: hostOf(proxy),
    port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
    method: 'CONNECT',
    path: target,
    agent: false,
    headers: {host: target, ...(username ? {'proxy-authorization': `Basic ${login}`} : {})},
    signal,
  })
  request.end()
  const [response, socket] = (await Promise.race([once(request, 'connect'), once(request, 'response')])) as [
    http.IncomingMessage,
    Duplex,
    Buffer,
  ]
  if (response.statusCode !== 200) {
    request.destroy()
    throw new Error(`CONNECT failed with status ${response.statusCode} ${response.statusMessage}`)
  }
  return socket
}

/** Opens a tunnel with SOCKS 5 (RFC 1928, RFC 1929). The proxy resolves host names. */
async function connectSocks(proxy: URL, destination: Target, signal: AbortSignal): Promise<Duplex> {
  // CommonJS: in the bundle, a dynamic import has only the default export.
  const {SocksClient} = (await import('socks')).default
  const {username, password} = userOf(proxy)
  const address = {host: hostOf(proxy), port: Number(proxy.port || 1080)}
  // Connecting here keeps the error code (ECONNREFUSED, …), on which retries depend; `socks` drops it.
  const socket = net.connect({...address, signal})
  await once(socket, 'connect')
  try {
    await SocksClient.createConnection({
      command: 'connect',
      proxy: {...address, type: 5, ...(username ? {userId: username, password} : {})},
      destination,
      existing_socket: socket,
      timeout: noTimeoutMs,
    })
    return socket
  } catch (error) {
    // Not as the cause: the error of `socks` carries the password.
    throw new Error(`SOCKS handshake failed: ${(error as Error).message}`)
  }
}

function hostOf(proxy: URL): string {
  return proxy.hostname.replace(/^\[|\]$/g, '')
}

function userOf(proxy: URL): {username: string; password: string} {
  return {username: decodeURIComponent(proxy.username), password: decodeURIComponent(proxy.password)}
}
