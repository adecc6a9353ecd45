/** The CA of one cluster, as istiod reads it: PEM texts (security/pkg/pki/ca/ca.go, 1.31). */
export interface CaCerts {
  /** The cluster's own CA certificate. */
  caCert: string
  /** Its private key, not encrypted. */
  caKey: string
  /** Root that the whole mesh trusts; several while roots change. */
  rootCert: string
  /** `caCert` and all above it, as workloads present it. */
  certChain: string
}

/** Keys of the Secret, and names of the files in a CA folder. */
export const caFiles = {
  caCert: 'ca-cert.pem',
  caKey: 'ca-key.pem',
  rootCert: 'root-cert.pem',
  certChain: 'cert-chain.pem',
} as const satisfies Record<keyof CaCerts, string>

/** The CA by file name: `ca-cert.pem` → PEM. */
export function caData(ca: CaCerts): Record<string, string> {
  return {
    [caFiles.caCert]: ca.caCert,
    [caFiles.caKey]: ca.caKey,
    [caFiles.certChain]: ca.certChain,
    [caFiles.rootCert]: ca.rootCert,
  }
}
