import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'

/** A value of a Secret, decoded, with its key. */
export interface SecretValue {
  key: string
  bytes: Buffer
}

/** The TLS credentials that a gateway reads from a Secret. */
export interface TlsSecret {
  cert: SecretValue
  key: SecretValue
  /** CA certificates that sign client certificates. */
  ca: SecretValue | undefined
}

/** Keys of certificate, private key and client CA, in the order in which istiod tries them. */
const layouts = [
  ['cert', 'key', 'cacert'],
  ['tls.crt', 'tls.key', 'ca.crt'],
] as const

/**
 * Reads a Secret as istiod does: the generic keys (`cert`, `key`, `cacert`) or those of `kubernetes.io/tls`, with
 * `ca.crt` (istio pilot/pkg/credentials/kube, 1.31).
 *
 * @param cacert the Secret `NAME-cacert`, which may contain the client CA instead
 * @returns undefined if the Secret has neither pair of certificate and key
 */
export function readTlsSecret(
  secret: KubernetesObject,
  cacert: KubernetesObject | undefined = undefined,
): TlsSecret | undefined {
  for (const [certKey, keyKey, caKey] of layouts) {
    const [cert, key] = [decode(secret, certKey), decode(secret, keyKey)]
    if (cert && key)
      return {cert, key, ca: decode(secret, caKey) ?? decode(cacert, 'ca.crt') ?? decode(cacert, 'cacert')}
  }
  return undefined
}

function decode(secret: KubernetesObject | undefined, key: string): SecretValue | undefined {
  const value = (secret?.data as Record<string, string> | undefined)?.[key]
  return value ? {key, bytes: Buffer.from(value, 'base64')} : undefined
}
