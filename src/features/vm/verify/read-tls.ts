import {connect} from 'node:tls'

/** What a TLS server showed. */
export interface TlsInspection {
  /** false: no connection came about, `error` says why. */
  reached: boolean
  /** DNS names of its certificate. */
  names: string[]
  /** The certificate is good for the name that was asked for and comes from the given roots. */
  trusted: boolean
  error: string | undefined
}

/** Asks a server for its certificate, as a machine would; nothing is sent. */
export function lookAtTls(
  at: {address: string; port: number; serverName: string; roots: string | undefined},
  timeoutMs: number,
): Promise<TlsInspection> {
  return new Promise(resolve => {
    const socket = connect({
      host: at.address,
      port: at.port,
      servername: at.serverName,
      ...(at.roots === undefined ? {} : {ca: at.roots}),
      // the look goes on with a certificate that is not trusted, to tell what is wrong with it
      rejectUnauthorized: false,
      ALPNProtocols: ['h2'],
    })
    const end = (look: TlsInspection) => {
      socket.destroy()
      resolve(look)
    }
    socket.setTimeout(timeoutMs, () => end({reached: false, names: [], trusted: false, error: 'no answer'}))
    socket.once('error', error => end({reached: false, names: [], trusted: false, error: error.message}))
    socket.once('secureConnect', () => {
      const {subjectaltname = ''} = socket.getPeerCertificate()
      const names = [...subjectaltname.matchAll(/DNS:([^,\s]+)/g)].map(([, name]) => name!)
      end({
        reached: true,
        names,
        trusted: socket.authorized,
        error: socket.authorized ? undefined : String(socket.authorizationError),
      })
    })
  })
}
