import type {KubernetesObject} from '../../engine/kubernetes/object.ts'

/** What a gateway finds in a Secret, each with the key it stands under. */
export interface TlsSecret {
  cert: {key: string; bytes: Buffer}
  key: {key: string; bytes: Buffer}
  ca: {key: string; bytes: Buffer} | undefined
}

/**
 * Reads a Secret as istiod does: keys of `kubernetes.io/tls` (with `ca.crt`), else the generic `cert`, `key`, `cacert`; the
 * CA of clients may stand in a Secret `NAME-cacert` (istio pilot/pkg/credentials/kube, 1.31). Undefined when it has neither.
 */
export function readTlsSecret(
  secret: KubernetesObject,
  cacert: KubernetesObject | undefined = undefined,
): TlsSecret | undefined {
  const read = (object: KubernetesObject | undefined, key: string) => {
    const value = (object?.data as Record<string, string> | undefined)?.[key]
    return value ? {key, bytes: Buffer.from(value, 'base64')} : undefined
  }
  for (const [certKey, keyKey, caKey] of [
    ['cert', 'key', 'cacert'],
    ['tls.crt', 'tls.key', 'ca.crt'],
  ] as const) {
    const [cert, key] = [read(secret, certKey), read(secret, keyKey)]
    if (cert && key) return {cert, key, ca: read(secret, caKey) ?? read(cacert, 'ca.crt') ?? read(cacert, 'cacert')}
  }
  return undefined
}
