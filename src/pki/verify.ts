import {count} from '../text/count.ts'
import type {Certificate} from './read.ts'

/** What a chain is verified against. */
export interface Trust {
  /** In any order. They may include the root and the certificate itself. */
  intermediates: readonly Certificate[]
  /** Trusted certificates, self-signed or not. */
  roots: readonly Certificate[]
  /** Time at which every certificate must be valid; undefined to ignore dates. */
  now: Date | undefined
}

/** Number of signatures that Go checks before it gives up (crypto/x509, maxChainSignatureChecks). */
const maxSignatures = 100

/**
 * Verifies that certificates signed by `ca` lead to one of the roots. It applies Go's rules, as istiod does when it starts
 * (security/pkg/pki/util/keycertbundle.go, 1.31), and in addition the path length that workload certificates below `ca`
 * need, as proxies do. Name constraints are ignored: see `excludedNames`.
 *
 * @returns the problem, or undefined if the chain is valid
 */
export function verifyChain(ca: Certificate, {intermediates, roots, now}: Trust): string | undefined {
  const trusted = new Set(roots.map(({fingerprint}) => fingerprint))
  const signers = [...new Map([...roots, ...intermediates].map(signer => [signer.fingerprint, signer])).values()]
  let signatures = 0

  /** Searches a path to a root. `path` is valid up to its last certificate. */
  const climb = (path: Certificate[]): string | undefined => {
    const last = path.at(-1)!
    if (trusted.has(last.fingerprint)) return undefined
    const candidates = signers.filter(signer => signer.subjectName === last.issuerName && !path.includes(signer))
    let problem: string | undefined
    for (const signer of candidates) {
      if (++signatures > maxSignatures) return 'the chain has too many possible paths to a root'
      const found = signerProblem(signer, path) ?? certificateProblem(signer, now) ?? climb([...path, signer])
      if (found === undefined) return undefined
      problem ??= found
    }
    if (last.selfSigned && path.length > 1) return `${last.subject} is self-signed, but not one of the roots`
    return problem ?? `${last.subject} is signed by ${last.issuer}, which is neither in the chain nor a root`
  }

  return certificateProblem(ca, now) ?? climb([ca])
}

/** Why `signer` cannot be the issuer of the last certificate of the path. */
function signerProblem(signer: Certificate, path: readonly Certificate[]): string | undefined {
  const last = path.at(-1)!
  if (!last.x509.verify(signer.publicKey))
    return `the signature of ${last.subject} does not match the key of ${signer.subject}`
  if (last.weakSignature) return `${last.subject} is signed with SHA-1 or MD5, which istiod rejects`
  if (!signer.isCA) return `${signer.subject} is not a CA that may sign certificates`
  if (signer.pathLength !== undefined && path.length > signer.pathLength)
    return `${signer.subject} allows ${count(signer.pathLength, 'CA')} below it (pathlen); the chain has ${path.length}`
  return undefined
}

/** OIDs of anyExtendedKeyUsage and id-kp-serverAuth. */
const serverUsages = ['2.5.29.37.0', '1.3.6.1.5.5.7.3.1']

/** Whether the extended key usage of a certificate, if it has one, allows server authentication. */
export function allowsServerAuth({extendedKeyUsage}: Pick<Certificate, 'extendedKeyUsage'>): boolean {
  return extendedKeyUsage === undefined || extendedKeyUsage.some(usage => serverUsages.includes(usage))
}

function certificateProblem(certificate: Certificate, now: Date | undefined): string | undefined {
  const {subject, notBefore, notAfter} = certificate
  if (now && notAfter < now) return `${subject} expired on ${formatDate(notAfter)}`
  if (now && notBefore > now) return `${subject} is not valid before ${formatDate(notBefore)}`
  if (!allowsServerAuth(certificate)) return `${subject} has an extended key usage without server authentication`
  return undefined
}

/** Formats a date as `2026-08-22T09:00:00Z`. */
export function formatDate(date: Date): string {
  return date.toISOString().replace('.000Z', 'Z')
}
