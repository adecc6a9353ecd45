import {once} from 'node:events'
import http from 'node:http'
import https from 'node:https'
import net, {BlockList} from 'node:net'
import {type Duplex, duplexPair} from 'node:stream'
import {usageError} from '../../errors.ts'

/**
 * The proxy on the way to an API server, as kubectl picks it: `proxy-url` of the kubeconfig's cluster, else `HTTPS_PROXY`
 * or `HTTP_PROXY` unless `NO_PROXY` names the server (Go, net/http ProxyFromEnvironment: never for loopback).
 *
 * @returns undefined for a straight connection
 * @throws MeshError (exit 2) on a proxy that is not an http, https or socks5 URL
 */
export function proxyFor(server: URL, proxyUrl: string, env: NodeJS.ProcessEnv): URL | undefined {
  const value = proxyUrl || (isDirect(server, env.NO_PROXY || env.no_proxy || '') ? '' : proxyOfEnv(server, env))
  if (!value) return undefined
  const proxy = URL.parse(value.includes('://') ? value : `http://${value}`)
  if (!proxy || !['http:', 'https:', 'socks5:', 'socks5h:'].includes(proxy.protocol)) {
    throw usageError(`the proxy of ${server.host} is not an http, https or socks5 URL`)
  }
  return proxy
}

/**
 * A connection to host:port through a proxy. It can be written to at once; what can't be reached ends it with an error
 * that names the proxy's host, never its password.
 */
export function openTunnel(proxy: URL, host: string, port: number): Duplex {
  const [near, far] = duplexPair()
  const open = proxy.protocol.startsWith('socks5') ? openSocks : openConnect
  open(proxy, host, port).then(
    raw => {
      far.pipe(raw)
      raw.pipe(far)
      raw.on('error', error => near.destroy(error))
      raw.on('close', () => near.destroy())
      near.on('close', () => raw.destroy())
      if (near.destroyed) raw.destroy()
    },
    (error: NodeJS.ErrnoException) => {
      const told = new Error(`proxy ${proxy.host}: ${error.message || error.code}`, {cause: error})
      near.destroy(Object.assign(told, {code: error.code ?? 'PROXY'}))
    },
  )
  return near
}

function proxyOfEnv(server: URL, env: NodeJS.ProcessEnv): string {
  return (server.protocol === 'https:' ? env.HTTPS_PROXY || env.https_proxy : env.HTTP_PROXY || env.http_proxy) || ''
}

function isDirect(server: URL, noProxy: string): boolean {
  const host = hostOf(server)
  if (host === 'localhost' || isIn(host, '127.0.0.0/8') || host === '::1') return true
  const port = server.port || (server.protocol === 'https:' ? '443' : '80')
  return noProxy
    .split(',')
    .map(entry => entry.trim().toLowerCase())
    .some(entry => entry !== '' && matches(host, port, entry))
}

/** One entry of NO_PROXY: `*`, a network, an address or a domain, the last two also with `:port`. */
function matches(host: string, port: string, entry: string): boolean {
  if (entry === '*') return true
  if (entry.includes('/')) return isIn(host, entry)
  const withPort = /^(.*):(\d+)$/.exec(entry)
  const alone = net.isIPv6(entry) || !withPort
  if (!alone && withPort[2] !== port) return false
  const name = (alone ? entry : withPort[1]!).replace(/^\[|\]$/g, '').replace(/^\*\./, '.')
  return name.startsWith('.') ? host.endsWith(name) : host === name || host.endsWith(`.${name}`)
}

function isIn(host: string, network: string): boolean {
  const [address = '', bits = ''] = network.split('/')
  const type = net.isIPv6(address) ? 'ipv6' : 'ipv4'
  if (!net.isIP(host) || !net.isIP(address) || !/^\d+$/.test(bits) || Number(bits) > (type === 'ipv6' ? 128 : 32)) {
    return false
  }
  const list = new BlockList()
  list.addSubnet(address, Number(bits), type)
  return list.check(host, net.isIPv6(host) ? 'ipv6' : 'ipv4')
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '').toLowerCase()
}

async function openConnect(proxy: URL, host: string, port: number): Promise<Duplex> {
  const target = `${net.isIPv6(host) ? `[${host}]` : host}:${port}`
  const {username, password} = userOf(proxy)
  const request = (proxy.protocol === 'https:' ? https : http).request({
    host: hostOf(proxy),
    port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
    method: 'CONNECT',
    path: target,
    agent: false,
    headers: {
      host: target,
      ...(username
        ? {'proxy-authorization': `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`}
        : {}),
    },
  })
  request.end()
  const [answer, socket] = (await Promise.race([once(request, 'connect'), once(request, 'response')])) as [
    http.IncomingMessage,
    Duplex,
    Buffer,
  ]
  if (answer.statusCode !== 200) {
    request.destroy()
    throw new Error(`answered ${answer.statusCode} ${answer.statusMessage}`)
  }
  return socket
}

/** RFC 1928 (SOCKS 5) with the user and password of RFC 1929. The proxy resolves the name. */
async function openSocks(proxy: URL, host: string, port: number): Promise<Duplex> {
  const socket = net.connect({host: hostOf(proxy), port: Number(proxy.port || 1080)})
  try {
    await once(socket, 'connect')
    const reader = readerOf(socket)
    const {username, password} = userOf(proxy)
    socket.write(Buffer.from(username ? [5, 2, 0, 2] : [5, 1, 0]))
    const method = (await reader.take(2))[1]
    if (method === 2) {
      socket.write(Buffer.concat([Buffer.from([1]), sized(username), sized(password)]))
      if ((await reader.take(2))[1] !== 0) throw new Error('refused the user')
    } else if (method !== 0) {
      throw new Error('accepts no way to log in')
    }
    socket.write(Buffer.concat([Buffer.from([5, 1, 0, 3]), sized(host), Buffer.from([port >> 8, port & 255])]))
    const reply = await reader.take(4)
    if (reply[1] !== 0) throw new Error(`could not connect (SOCKS reply ${reply[1]})`)
    const length = reply[3] === 1 ? 4 : reply[3] === 4 ? 16 : (await reader.take(1))[0]!
    await reader.take(length + 2)
    reader.release()
    return socket
  } catch (error) {
    socket.destroy()
    throw error
  }
}

/** Takes bytes off a socket as they are wanted, until `release`: a server behind a proxy never speaks first, so none are left over. */
function readerOf(socket: net.Socket): {take(size: number): Promise<Buffer>; release(): void} {
  let bytes = Buffer.alloc(0)
  let wake = () => {}
  let ended = false
  const onData = (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk])
    wake()
  }
  const onEnd = () => {
    ended = true
    wake()
  }
  socket.on('data', onData).on('error', onEnd).on('close', onEnd).on('end', onEnd)
  return {
    take: async size => {
      while (bytes.length < size) {
        if (ended) throw new Error('closed the connection')
        await new Promise<void>(resolve => {
          wake = resolve
        })
      }
      const taken = bytes.subarray(0, size)
      bytes = bytes.subarray(size)
      return taken
    },
    release: () => {
      socket.pause()
      socket.off('data', onData).off('error', onEnd).off('close', onEnd).off('end', onEnd)
    },
  }
}

function sized(text: string): Buffer {
  const bytes = Buffer.from(text)
  return Buffer.concat([Buffer.from([bytes.length]), bytes])
}

function userOf(proxy: URL): {username: string; password: string} {
  return {username: decodeURIComponent(proxy.username), password: decodeURIComponent(proxy.password)}
}
