import {connect, isIP} from 'node:net'
import {checkServerIdentity, connect as connectTls} from 'node:tls'
import {messageOf} from '../../errors.ts'

/** The result of one attempt to open a TCP connection from this machine. */
export interface TriedAddress {
  address: string
  port: number
  /** Why the connection failed; undefined if it succeeded. */
  error: string | undefined
}

/** A reachable address connects much faster than this. */
const connectMs = 3000

/**
 * Opens a TCP connection and closes it again without sending anything.
 *
 * @param address IP address or host name
 */
export function tryConnect(address: string, port: number, timeoutMs = connectMs): Promise<TriedAddress> {
  return new Promise(resolve => {
    const socket = connect({host: address, port})
    const end = (error: string | undefined) => {
      clearTimeout(timer)
      socket.destroy()
      resolve({address, port, error})
    }
    const timer = setTimeout(() => end(`no connection within ${timeoutMs / 1000} s`), timeoutMs)
    socket.once('connect', () => end(undefined))
    socket.once('error', error => end(messageOf(error)))
  })
}

/** The result of a TLS handshake with a server, and of the verification of its certificate. */
export type TriedCertificate = {state: 'verified'} | {state: 'rejected' | 'unreachable'; error: string}

/**
 * Makes a TLS handshake with a server without sending anything else, and verifies its certificate.
 *
 * @param server https URL
 * @param authority PEM of the certificate authorities to trust; undefined for those of this machine
 * @param serverName name that the certificate must have; undefined for the host of the URL
 */
export function tryCertificate(
  server: string,
  authority: string | undefined,
  serverName: string | undefined,
  timeoutMs = connectMs,
): Promise<TriedCertificate> {
  const url = URL.parse(server)
  if (url?.protocol !== 'https:') return Promise.resolve({state: 'unreachable', error: 'it is not an https URL'})
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const name = serverName ?? host
  return new Promise(resolve => {
    const socket = connectTls({
      ...{host, port: Number(url.port || 443), rejectUnauthorized: false},
      ...(authority === undefined ? {} : {ca: authority}),
      // An IP address must not be sent as a server name (RFC 6066).
      ...(isIP(name) ? {} : {servername: name}),
      checkServerIdentity: (_, certificate) => checkServerIdentity(name, certificate),
    })
    const end = (result: TriedCertificate) => {
      clearTimeout(timer)
      socket.destroy()
      resolve(result)
    }
    const timer = setTimeout(
      () => end({state: 'unreachable', error: `no connection within ${timeoutMs / 1000} s`}),
      timeoutMs,
    )
    socket.once('secureConnect', () =>
      end(socket.authorized ? {state: 'verified'} : {state: 'rejected', error: String(socket.authorizationError)}),
    )
    socket.once('error', error => end({state: 'unreachable', error: messageOf(error)}))
  })
}
