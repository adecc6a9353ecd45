import type {Apply} from './change.ts'
import {managedByLabels} from './labels.ts'
import {names} from './names.ts'
import type {KubernetesObject} from './object.ts'
import {waves} from './waves.ts'

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

/** The decoded data of a Secret, by key. */
export function readCaSecret(secret: KubernetesObject): Record<string, string> {
  const data = (secret.data ?? {}) as Record<string, string>
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]))
}

/** Secret `cacerts`. It stays when a federation is left: every workload's certificate hangs on it. */
export function buildCaSecret(ca: CaCerts, cluster: string, systemNamespace: string): Apply {
  const data = Object.entries(caData(ca)).map(([key, pem]) => [key, Buffer.from(pem).toString('base64')])
  return {
    action: 'apply',
    cluster,
    wave: waves.ca,
    stays: true,
    object: {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {name: names.caSecret, namespace: systemNamespace, labels: {...managedByLabels}},
      type: 'Opaque',
      data: Object.fromEntries(data),
    },
  }
}
