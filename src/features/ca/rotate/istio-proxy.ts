import {attempt} from '../../../pki/attempt.ts'
import {type Certificate, readCertificates} from '../../../pki/read.ts'
import {parseJson} from '../../../text/json.ts'
import type {Goal} from './istio-stages.ts'

/** The certificates that a proxy uses now. */
export interface ProxyView {
  /** Its own certificate, followed by those above it. Empty if it has not requested one. */
  chain: readonly Certificate[]
  /** The roots that it trusts. Empty if it has not requested them. */
  trusted: readonly Certificate[]
}

/** The page of Envoy that contains its certificates. Private keys are redacted. */
export const secretsPath = '/config_dump?resource=dynamic_active_secrets'

interface Dump {
  configs?: {
    name?: string
    secret?: {
      tls_certificate?: {certificate_chain?: {inline_bytes?: string}}
      validation_context?: {trusted_ca?: {inline_bytes?: string}}
    }
  }[]
}

/**
 * Reads the certificates of a proxy from its configuration: the secrets `default` and `ROOTCA` (security/pkg/nodeagent, 1.24–1.31).
 *
 * @throws Error for a page of another shape
 */
export function readProxyView(page: string): ProxyView {
  const dump = parseJson(page) as Dump | undefined
  if (typeof dump !== 'object' || dump === null) throw new Error('is no configuration of Envoy')
  const secret = (name: string) => dump.configs?.find(config => config.name === name)?.secret
  return {
    chain: certificatesIn(secret('default')?.tls_certificate?.certificate_chain?.inline_bytes),
    trusted: certificatesIn(secret('ROOTCA')?.validation_context?.trusted_ca?.inline_bytes),
  }
}

function certificatesIn(bytes: string | undefined): Certificate[] {
  const text = Buffer.from(bytes ?? '', 'base64').toString('utf8')
  return text === '' ? [] : (attempt(() => readCertificates(text, ''), []) ?? [])
}

/** Returns what a proxy lacks in a stage, in words that follow its name; undefined if nothing. */
export function proxyProblem({chain, trusted}: ProxyView, goal: Goal): string | undefined {
  const distrust = trusted.length === 0 ? undefined : distrustIn(trusted, goal)
  if (distrust !== undefined) return distrust
  const isSigned = chain.some(({x509}) => x509.verify(goal.signer.publicKey))
  return chain.length > 0 && !isSigned ? 'still has a certificate below the other root' : undefined
}

/** Returns why a bundle of roots is not that of a stage; undefined if it is. */
export function trustProblem(pem: string, goal: Goal): string | undefined {
  return distrustIn(attempt(() => readCertificates(pem, ''), []) ?? [], goal)
}

function distrustIn(trusted: readonly Certificate[], goal: Goal): string | undefined {
  const trusts = (root: Certificate) => trusted.some(({fingerprint}) => fingerprint === root.fingerprint)
  if (!goal.trusted.every(trusts)) return 'does not trust all roots of this stage yet'
  return goal.distrusted.some(trusts) ? 'still trusts the other root' : undefined
}
