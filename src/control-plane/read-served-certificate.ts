import type {X509Certificate} from 'node:crypto'
import {connect} from 'node:tls'
import type {Cluster} from '../engine/cluster/cluster.ts'
import type {PodRef} from '../engine/cluster/pods/pods.ts'

/** The port on which istiod serves proxies with TLS (istio.io, "Ports used by Istio"). */
const discoveryPort = 15_012

const timeoutMs = 10_000

/**
 * Returns the certificate with which an istiod serves proxies, or why it cannot be read. istiod signs it with the CA that it uses for
 * workloads, and replaces it when it reads a new one (pilot/pkg/bootstrap/istio_ca.go and certcontroller.go, 1.27–1.31).
 */
export async function readServedCertificate(cluster: Cluster, pod: PodRef): Promise<X509Certificate | string> {
  const failed = Promise.withResolvers<string>()
  const forwarding = await cluster.pods.forward({
    pod: async () => pod,
    port: discoveryPort,
    localPort: 0,
    onError: error => failed.resolve(error.message),
  })
  try {
    return await Promise.race([failed.promise, certificateAt(forwarding.port)])
  } finally {
    forwarding.close()
  }
}

/** Never rejects. The certificate is only compared with known ones, so that it need not be trusted. */
function certificateAt(port: number): Promise<X509Certificate | string> {
  return new Promise(resolve => {
    const socket = connect({
      host: '127.0.0.1',
      port,
      servername: 'istiod',
      rejectUnauthorized: false,
      ALPNProtocols: ['h2'],
    })
    const finish = (result: X509Certificate | string) => {
      socket.destroy()
      resolve(result)
    }
    socket.setTimeout(timeoutMs, () => finish(`no TLS handshake within ${timeoutMs / 1000} s`))
    // An error of the port-forward arrives at the same time, and has more details.
    socket.once('error', error => setTimeout(() => finish(error.message), 100))
    socket.once('secureConnect', () => finish(socket.getPeerX509Certificate() ?? 'no certificate was sent'))
  })
}
