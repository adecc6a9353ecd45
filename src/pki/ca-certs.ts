/** PEM texts of the CA of one cluster, as istiod reads them (security/pkg/pki/ca/ca.go, 1.31). */
export interface CaCerts {
  /** The CA certificate of the cluster. */
  caCert: string
  /** Its private key, unencrypted. */
  caKey: string
  /** The root that the whole mesh trusts. It contains several certificates during a rotation of the root. */
  rootCert: string
  /** `caCert` and every certificate above it, as workloads present them. */
  certChain: string
}

/** Keys of the Secret `cacerts`, and names of the files in a CA folder. */
export const caFiles = {
  caCert: 'ca-cert.pem',
  caKey: 'ca-key.pem',
  rootCert: 'root-cert.pem',
  certChain: 'cert-chain.pem',
} as const satisfies Record<keyof CaCerts, string>

/** The PEM texts of a CA by file name, as in the Secret `cacerts`. */
export function caData(ca: CaCerts): Record<string, string> {
  return {
    [caFiles.caCert]: ca.caCert,
    [caFiles.caKey]: ca.caKey,
    [caFiles.certChain]: ca.certChain,
    [caFiles.rootCert]: ca.rootCert,
  }
}
