import {X509Certificate} from 'node:crypto'
import {readPemBlocks} from '../../pki/read.ts'
import type {MeshMember} from '../members.ts'
import {accessIn, kubeconfigProblems} from '../remote-kubeconfig.ts'
import type {FoundCredential} from '../remote-secrets.ts'

/** The cluster that a remote Secret registers. */
export type CredentialTarget = Pick<MeshMember, 'cluster' | 'server' | 'facts'>

/**
 * Returns why istiod rejects the kubeconfig of a remote Secret, or connects in another way than with our credential. Each text
 * follows the name of the Secret.
 *
 * @param target undefined if it is none of the clusters of the run
 * @param now for the expiry of the token
 */
export function credentialProblems(found: FoundCredential, target: CredentialTarget | undefined, now: Date): string[] {
  return [...kubeconfigProblems(found.kubeconfig, now), ...(target ? accessDifferences(found, target) : [])]
}

/**
 * Returns how a remote Secret of another owner connects to a cluster in another way than our credential for it. Empty for our own Secrets, which the next run of `mesh federate` corrects.
 *
 * Another address alone is no finding if the certificate authority is one that the cluster is known to use: TLS then proves
 * that istiod reaches this cluster.
 *
 * Threat: with a working token, such a Secret looks like a good credential. But its server determines which endpoints istiod
 * sends traffic to, and receives the token.
 */
function accessDifferences({ours, kubeconfig}: FoundCredential, target: CredentialTarget): string[] {
  const access = ours ? undefined : accessIn(kubeconfig)
  if (!access || access.server === undefined) return []
  const known = new Set(authoritiesOf(target).flatMap(certificatesIn))
  const own = access.authority === undefined ? [] : certificatesIn(access.authority)
  const foreign = known.size > 0 && own.some(certificate => !known.has(certificate))
  const isProven = known.size > 0 && own.length > 0 && !foreign
  const isElsewhere = target.server !== undefined && access.server !== target.server && !isProven
  return [
    ...(foreign ? [`trusts a certificate authority that ${target.cluster} does not use`] : []),
    ...(isElsewhere
      ? [
          `connects to ${hostOf(access.server)}; expected ${hostOf(target.server!)}, the API server of ${target.cluster}`,
        ]
      : []),
  ]
}

/** PEM of the certificate authorities of an API server: in the kubeconfig, and in what Kubernetes issued. */
function authoritiesOf({facts}: CredentialTarget): string[] {
  const tokens = [...(facts?.tokenSecrets.values() ?? [])].flatMap(({data}) => {
    const authority = (data as Record<string, string> | undefined)?.['ca.crt']
    return authority === undefined ? [] : [Buffer.from(authority, 'base64').toString('utf8')]
  })
  return [facts?.cluster.certificateAuthority, facts?.clusterAuthority, ...tokens].filter(pem => pem !== undefined)
}

/** One text per certificate of a PEM bundle, equal for equal certificates. A text that cannot be parsed stands for itself. */
function certificatesIn(pem: string): string[] {
  const blocks = readPemBlocks(pem).filter(({type}) => type === 'CERTIFICATE')
  return blocks.length === 0 ? [pem.trim()] : blocks.map(({text}) => fingerprintIn(text))
}

function fingerprintIn(text: string): string {
  try {
    return new X509Certificate(text).fingerprint256
  } catch {
    return text
  }
}

/** Host and port of a URL, which may contain a password. */
function hostOf(server: string): string {
  return URL.parse(server)?.host || 'an invalid address'
}
