import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import type {Finding} from '../../../findings/check.ts'
import {inspectServer} from '../../../pki/server.ts'
import {readTlsSecret, type SecretValue} from './istio-secret.ts'

/** What the content of a Secret is checked against. */
export interface SecretUse {
  hosts: readonly string[]
  /** The gateway requires client certificates. */
  mutual: boolean
  now: Date
}

/**
 * Findings about the content of a Secret that a gateway serves: the same as for certificate files.
 *
 * @param place how messages name the Secret
 * @param cacert the Secret `NAME-cacert`, which may contain the client CA
 */
export function secretFindings(
  place: string,
  secret: KubernetesObject,
  cacert: KubernetesObject | undefined,
  {hosts, mutual, now}: SecretUse,
): Finding[] {
  const tls = readTlsSecret(secret, cacert)
  if (!tls) return [{message: `${place} has neither the keys tls.crt and tls.key nor the keys cert and key`}]
  const named = ({key, bytes}: SecretValue) => ({name: `${place}, ${key}`, bytes})
  const files = {cert: named(tls.cert), key: named(tls.key), ca: mutual && tls.ca ? named(tls.ca) : undefined}
  return [
    ...inspectServer(files, hosts, now).problems,
    ...(mutual && !tls.ca ? [{message: `${place} has no ca.crt, which mode MUTUAL requires`}] : []),
  ]
}
