import type {Certificate} from './read.ts'

/** What a chain is verified with. */
export interface Trust {
  /** In any order; may hold the root or the leaf as well. */
  intermediates: readonly Certificate[]
  /** Trusted as they are, self-signed or not. */
  roots: readonly Certificate[]
  /** When it must be valid; undefined: dates are not looked at. */
  now: Date | undefined
}

/** As many signatures as Go checks for one certificate before it gives up (crypto/x509, maxChainSignatureChecks). */
const maxSignatures = 100

/**
 * Whether what `ca` signs verifies up to one of the roots. Go's rules as istiod applies them when it starts
 * (security/pkg/pki/util/keycertbundle.go, 1.31), and path lengths one step further, for the workloads' certificates
 * below the CA, as proxies will. Name constraints are not looked at. Gives what is wrong, or undefined.
 */
export function verifyChain(ca: Certificate, {intermediates, roots, now}: Trust): string | undefined {
  const trusted = new Set(roots.map(({fingerprint}) => fingerprint))
  const signers = [...new Map([...roots, ...intermediates].map(signer => [signer.fingerprint, signer])).values()]
  let signatures = 0

  /** `path` is sound up to its last certificate; looks for the way from there to a root. */
  const climb = (path: Certificate[]): string | undefined => {
    const last = path.at(-1)!
    if (trusted.has(last.fingerprint)) return undefined
    const candidates = signers.filter(signer => signer.subjectName === last.issuerName && !path.includes(signer))
    let problem: string | undefined
    for (const signer of candidates) {
      if (++signatures > maxSignatures) return 'the chain has too many possible ways to a root'
      const found = signerProblem(signer, path) ?? ownProblem(signer, now) ?? climb([...path, signer])
      if (found === undefined) return undefined
      problem ??= found
    }
    if (last.selfSigned && path.length > 1) return `${last.subject} is self-signed, but not one of the roots`
    return problem ?? `${last.subject} is signed by ${last.issuer}, which is neither in the chain nor a root`
  }

  return ownProblem(ca, now) ?? climb([ca])
}

/** What keeps `signer` from having signed the last certificate of the path. */
function signerProblem(signer: Certificate, path: readonly Certificate[]): string | undefined {
  const last = path.at(-1)!
  if (!last.x509.verify(signer.publicKey))
    return `${last.subject} is not signed by the given ${signer.subject} (another key)`
  if (last.weakSignature) return `${last.subject} is signed over SHA-1 or MD5, which istiod refuses`
  if (!signer.isCA) return `${signer.subject} is not a CA that may sign certificates`
  if (signer.pathLength !== undefined && path.length > signer.pathLength)
    return `${signer.subject} allows ${signer.pathLength} CAs below it (pathlen), the chain has ${path.length}`
  return undefined
}

/** 2.5.29.37.0 and id-kp-serverAuth. */
const serverUsages = ['2.5.29.37.0', '1.3.6.1.5.5.7.3.1']

function ownProblem({subject, notBefore, notAfter, extendedKeyUsage}: Certificate, now: Date | undefined) {
  if (now && notAfter < now) return `${subject} expired on ${formatDate(notAfter)}`
  if (now && notBefore > now) return `${subject} is not valid before ${formatDate(notBefore)}`
  if (extendedKeyUsage && !extendedKeyUsage.some(usage => serverUsages.includes(usage)))
    return `${subject} has an extended key usage without server authentication`
  return undefined
}

/** `2026-08-22T09:00:00Z`. */
export function formatDate(date: Date): string {
  return date.toISOString().replace('.000Z', 'Z')
}
