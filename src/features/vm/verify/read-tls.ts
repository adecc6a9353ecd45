import {connect} from 'node:tls'

/** The result of a TLS handshake. */
export interface TlsInspection {
  /** False: the connection failed with `error`. */
  reached: boolean
  /** DNS names of the certificate. */
  names: string[]
  /** The certificate is valid for the server name and is signed by one of the given roots. */
  trusted: boolean
  /** Why the connection failed, or why the certificate is not trusted. */
  error: string | undefined
}

/**
 * Connects to a server with TLS and inspects its certificate. Sends no application data. Never rejects.
 *
 * @param server.roots PEM; undefined for the root certificates of Node
 */
export function inspectTls(
  server: {address: string; port: number; serverName: string; roots: string | undefined},
  timeoutMs: number,
): Promise<TlsInspection> {
  return new Promise(resolve => {
    const socket = connect({
      host: server.address,
      port: server.port,
      servername: server.serverName,
      ...(server.roots === undefined ? {} : {ca: server.roots}),
      // The handshake must complete with an untrusted certificate too, so that the result can describe it.
      rejectUnauthorized: false,
      ALPNProtocols: ['h2'],
    })
    const finish = (result: TlsInspection) => {
      socket.destroy()
      resolve(result)
    }
    const fail = (error: string) => finish({reached: false, names: [], trusted: false, error})
    socket.setTimeout(timeoutMs, () => fail(`no answer within ${timeoutMs / 1000} seconds`))
    socket.once('error', error => fail(error.message))
    socket.once('secureConnect', () => {
      const {subjectaltname = ''} = socket.getPeerCertificate()
      const names = [...subjectaltname.matchAll(/DNS:([^,\s]+)/g)].map(([, name]) => name!)
      const {authorized} = socket
      finish({
        reached: true,
        names,
        trusted: authorized,
        error: authorized ? undefined : String(socket.authorizationError),
      })
    })
  })
}
