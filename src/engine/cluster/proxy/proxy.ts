import net, {BlockList} from 'node:net'
import {usageError} from '../../../errors.ts'

/**
 * Returns the proxy for an API server, chosen as kubectl chooses it; undefined for a direct connection.
 *
 * `proxy-url` of the kubeconfig's cluster comes first. Otherwise `HTTPS_PROXY` or `HTTP_PROXY` applies, unless
 * `NO_PROXY` matches the server or the server is a loopback address (Go, net/http ProxyFromEnvironment).
 *
 * @param proxyUrl `proxy-url` of the kubeconfig; '' if not set
 * @throws MeshError (exit 2) if the proxy is not an http, https or socks5 URL, or its password is not percent-encoded.
 *   The error quotes nothing of the URL, which may contain a password.
 */
export function proxyFor(server: URL, proxyUrl: string, env: NodeJS.ProcessEnv): URL | undefined {
  const value = proxyUrl || (isDirect(server, env.NO_PROXY || env.no_proxy || '') ? '' : proxyFromEnv(server, env))
  return value ? parseProxy(value, server) : undefined
}

function parseProxy(value: string, server: URL): URL {
  const proxy = URL.parse(value.includes('://') ? value : `http://${value}`)
  if (!proxy || !['http:', 'https:', 'socks5:', 'socks5h:'].includes(proxy.protocol)) {
    throw usageError(`the proxy of ${server.host} is not an http, https or socks5 URL`)
  }
  if (!isReachableUrl(proxy))
    throw usageError(`the proxy of ${server.host} has port 0, or a host name with more than 253 characters`)
  // Otherwise a part of the password would be read as the host, and shown in errors.
  if (value.includes('@') && !proxy.username && !proxy.password) {
    throw usageError(
      `the proxy of ${server.host} has a user name or password that is not percent-encoded`,
      'write # as %23, / as %2F, ? as %3F and @ as %40',
    )
  }
  return proxy
}

/** Returns whether a URL has a port and a host name that can exist. The parser accepts port 0, and names of any length. */
export function isReachableUrl({port, hostname}: URL): boolean {
  return port !== '0' && hostname.length <= 253
}

function proxyFromEnv(server: URL, env: NodeJS.ProcessEnv): string {
  return (server.protocol === 'https:' ? env.HTTPS_PROXY || env.https_proxy : env.HTTP_PROXY || env.http_proxy) || ''
}

function isDirect(server: URL, noProxy: string): boolean {
  const host = server.hostname.replace(/^\[|\]$/g, '').toLowerCase()
  if (host === 'localhost' || isInNetwork(host, '127.0.0.0/8') || host === '::1') return true
  const port = server.port || (server.protocol === 'https:' ? '443' : '80')
  return noProxy
    .split(',')
    .map(entry => entry.trim().toLowerCase())
    .some(entry => entry !== '' && matches(host, port, entry))
}

/** Matches one entry of NO_PROXY: `*`, a network in CIDR notation, or an address or domain with an optional `:port`. */
function matches(host: string, port: string, entry: string): boolean {
  if (entry === '*') return true
  if (entry.includes('/')) return isInNetwork(host, entry)
  const withPort = net.isIPv6(entry) ? null : /^(.*):(\d+)$/.exec(entry)
  if (withPort && withPort[2] !== port) return false
  const name = (withPort?.[1] ?? entry).replace(/^\[|\]$/g, '').replace(/^\*\./, '.')
  return name.startsWith('.') ? host.endsWith(name) : host === name || host.endsWith(`.${name}`)
}

function isInNetwork(host: string, network: string): boolean {
  const [address = '', bits = ''] = network.split('/')
  const type = net.isIPv6(address) ? 'ipv6' : 'ipv4'
  if (!net.isIP(host) || !net.isIP(address) || !/^\d+$/.test(bits) || Number(bits) > (type === 'ipv6' ? 128 : 32)) {
    return false
  }
  const list = new BlockList()
  list.addSubnet(address, Number(bits), type)
  return list.check(host, net.isIPv6(host) ? 'ipv6' : 'ipv4')
}
