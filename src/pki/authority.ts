import type {KeyObject} from 'node:crypto'
import {type Problem, usageError} from '../errors.ts'
import {count} from '../text/count.ts'
import {dayMs} from '../text/duration.ts'
import {type Certificate, keyFits, readCertificates, readPrivateKey} from './read.ts'
import {formatDate, verifyChain} from './verify.ts'

/** The CA that signs the CAs of clusters: a root, or an intermediate CA. */
export interface Authority {
  key: KeyObject
  /** From the certificate of `key` to the self-signed root; only the root if it signs itself. */
  path: Certificate[]
  /** The last certificate of `path`. */
  root: Certificate
}

/** PEM texts of an authority. */
export interface AuthorityPem {
  /** The certificate of the key, followed by those above it up to the self-signed root. */
  certificate: string
  key: string
  /** How messages name the two. */
  files: {certificate: string; key: string}
}

/** Default validity in days. The root has the validity of Istio's tools/certs/common.mk. */
export const defaultDays = {root: 3650, intermediate: 365} as const

const chainHint =
  'the file must contain the certificate of the key, followed by each certificate above it, up to the self-signed root'

/**
 * Reads and checks an authority.
 *
 * @param now time at which every certificate must be valid
 * @throws MeshError (exit 2) if the key is encrypted, of a type that istiod cannot verify, or matches no certificate; if
 *   the certificates do not lead to one self-signed root; if one is expired, not a CA, or allows no further CA below it
 */
export function readAuthority({certificate, key: keyPem, files}: AuthorityPem, now: Date): Authority {
  const given = readCertificates(certificate, files.certificate)
  const key = readPrivateKey(keyPem, files.key)
  const unsupported = unsupportedKey(key)
  if (unsupported)
    throw usageError(
      `the key in ${files.key} ${unsupported}`,
      'use RSA with 2048 to 8192 bits, or ECDSA with P-256, P-384 or P-521',
    )
  const signer = given.find(one => keyFits(one, key))
  if (!signer)
    throw usageError(
      `the key in ${files.key} does not match ${given[0]!.subject} in ${files.certificate}`,
      'use the key and the certificate that belong together',
    )
  const path = pathFrom(signer, given)
  const root = path.at(-1)!
  if (!root.selfSigned)
    throw usageError(
      `${files.certificate} contains no root: ${root.subject} is signed by ${root.issuer}, which is not in the file`,
      chainHint,
    )
  const stray = given.find(one => !path.some(({fingerprint}) => fingerprint === one.fingerprint))
  if (stray)
    throw usageError(
      `${stray.subject} in ${files.certificate} is not part of the chain from the key to its root`,
      chainHint,
    )
  const problem = pathProblem(path, now)
  if (problem) throw usageError(`${files.certificate}: ${problem.message}`, ...(problem.hints ?? []))
  return {key, path, root}
}

/** Curves that both istiod (Go) and its proxies verify, by OpenSSL's name, with WebCrypto's name and a matching hash. */
export const signatureHashes: Record<string, {curve: string; hash: string}> = {
  prime256v1: {curve: 'P-256', hash: 'SHA-256'},
  secp384r1: {curve: 'P-384', hash: 'SHA-384'},
  secp521r1: {curve: 'P-521', hash: 'SHA-512'},
}

/** Why istiod or its proxies could not verify signatures of a key; undefined if they can. */
function unsupportedKey({asymmetricKeyType: type, asymmetricKeyDetails}: KeyObject): string | undefined {
  const {modulusLength = 0, namedCurve = 'unnamed'} = asymmetricKeyDetails ?? {}
  if (type === 'rsa')
    return modulusLength >= 2048 && modulusLength <= 8192 ? undefined : `is RSA with ${modulusLength} bits`
  if (type === 'ec') return namedCurve in signatureHashes ? undefined : `uses the curve ${namedCurve}`
  return `has the type ${type}`
}

/** The chain that begins with `signer`, as far as certificates are given. */
export function pathFrom(signer: Certificate, given: readonly Certificate[]): Certificate[] {
  const path = [signer]
  for (let last = signer; !last.selfSigned; ) {
    const next = given.find(
      one => one.subjectName === last.issuerName && !path.includes(one) && last.x509.verify(one.publicKey),
    )
    if (!next) break
    path.push(next)
    last = next
  }
  return path
}

function pathProblem(path: readonly Certificate[], now: Date): Problem | undefined {
  const [signer, root] = [path[0]!, path.at(-1)!]
  const notCa = path.find(({isCA}) => !isCA)
  if (notCa)
    return {message: `${notCa.subject} is not a CA that may sign certificates`, hints: ['use the certificate of a CA']}
  // The CA of the cluster adds one to the CAs of the path.
  const tight = path.find(({pathLength}, at) => pathLength !== undefined && pathLength < at + 1)
  if (tight)
    return {
      message: `${tight.subject} allows ${count(tight.pathLength!, 'CA')} below it (pathlen); the CA of a cluster is one more`,
      hints: ['request a CA whose path length allows one more CA'],
    }
  const message = verifyChain(signer, {intermediates: path, roots: [root], now})
  return message === undefined ? undefined : {message, hints: [chainHint]}
}

/**
 * Returns when a certificate ends, in whole seconds.
 *
 * @param days validity from `now`; undefined for the default, or fewer if the authority ends sooner
 * @throws MeshError (exit 2) for an invalid number of days, and for an end after that of the authority: the certificate
 *   would become invalid together with its root, without a warning
 */
export function endOf(days: number | undefined, now: Date, authority: Authority): Date {
  const ends = authority.path.reduce((first, one) => (one.notAfter < first.notAfter ? one : first))
  const requested = endAfter(days ?? defaultDays.intermediate, now)
  if (requested <= ends.notAfter) return requested
  if (days === undefined) return ends.notAfter
  const rest = Math.floor((ends.notAfter.getTime() - wholeSecond(now)) / dayMs)
  throw usageError(
    `${count(days, 'day')} would exceed the validity of ${ends.subject}, which ends on ${formatDate(ends.notAfter)}`,
    rest > 0 ? `use at most --days ${rest}` : 'it ends within a day: create or request a new root',
  )
}

/**
 * Returns the time `days` after `now`, in whole seconds, the precision of certificates.
 *
 * @throws MeshError (exit 2) unless `days` is a whole number from 1 to 36500
 */
export function endAfter(days: number, now: Date): Date {
  if (!Number.isInteger(days) || days < 1 || days > 36_500)
    throw usageError(`invalid number of days: ${days}`, 'use a whole number from 1 to 36500')
  return new Date(wholeSecond(now) + days * dayMs)
}

function wholeSecond(now: Date): number {
  return Math.floor(now.getTime() / 1000) * 1000
}
