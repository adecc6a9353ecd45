import type {KeyObject} from 'node:crypto'
import {type Problem, usageError} from '../errors.ts'
import {type Certificate, keyFits, readCertificates, readPrivateKey} from './read.ts'
import {formatDate, verifyChain} from './verify.ts'

/** What signs the CAs of clusters: a root, or a CA below one. */
export interface Authority {
  key: KeyObject
  /** From the certificate of `key` up to the self-signed root; just the root where that signs. */
  path: Certificate[]
  /** End of `path`. */
  root: Certificate
}

/** An authority as its files say it. */
export interface AuthorityPem {
  /** The certificate of the key, then those above it up to the self-signed root. */
  certificate: string
  key: string
  /** How errors name the two. */
  files: {certificate: string; key: string}
}

/** Days that certificates are valid where nothing was asked. The root as in Istio's tools/certs/common.mk. */
export const defaultDays = {root: 3650, intermediate: 365} as const

const chainHint =
  'the file must hold the certificate of the key first, then each one above it, up to the self-signed root'

/**
 * Reads and checks what is to sign at the time `now`. Throws `MeshError` (exit 2) when the key is encrypted, of a kind
 * istiod can't verify, or not that of a certificate; when the certificates don't lead to one self-signed root; when
 * one is expired, no CA, or has no room (pathlen) for another CA below it.
 */
export function readAuthority({certificate, key: keyPem, files}: AuthorityPem, now: Date): Authority {
  const given = readCertificates(certificate, files.certificate)
  const key = readPrivateKey(keyPem, files.key)
  const keyIssue = keyProblem(key)
  if (keyIssue)
    throw usageError(
      `the key in ${files.key} ${keyIssue}`,
      'use RSA of 2048 to 8192 bits, or ECDSA P-256, P-384 or P-521',
    )
  const signer = given.find(one => keyFits(one, key))
  if (!signer)
    throw usageError(
      `the key in ${files.key} is not the key of ${given[0]!.subject} in ${files.certificate}`,
      'name the key and the certificate that belong together',
    )
  const path = pathFrom(signer, given)
  const root = path.at(-1)!
  if (!root.selfSigned)
    throw usageError(
      `${files.certificate} has no root: ${root.subject} is signed by ${root.issuer}, which is not in the file`,
      chainHint,
    )
  const stray = given.find(one => !path.some(({fingerprint}) => fingerprint === one.fingerprint))
  if (stray)
    throw usageError(`${stray.subject} in ${files.certificate} is not on the way from the key to its root`, chainHint)
  const problem = authorityProblem(path, now)
  if (problem) throw usageError(`${files.certificate}: ${problem.message}`, ...(problem.hints ?? []))
  return {key, path, root}
}

/** Kinds of keys that both istiod (Go) and its proxies verify. */
function keyProblem({asymmetricKeyType: type, asymmetricKeyDetails}: KeyObject): string | undefined {
  const {modulusLength = 0, namedCurve = 'unnamed'} = asymmetricKeyDetails ?? {}
  if (type === 'rsa')
    return modulusLength >= 2048 && modulusLength <= 8192 ? undefined : `is RSA of ${modulusLength} bits`
  if (type === 'ec') return namedCurve in signatureHashes ? undefined : `is on the curve ${namedCurve}`
  return `is of the kind ${type}`
}

/** Curves by OpenSSL's name, with WebCrypto's name and the hash of their strength. */
export const signatureHashes: Record<string, {curve: string; hash: string}> = {
  prime256v1: {curve: 'P-256', hash: 'SHA-256'},
  secp384r1: {curve: 'P-384', hash: 'SHA-384'},
  secp521r1: {curve: 'P-521', hash: 'SHA-512'},
}

function pathFrom(signer: Certificate, given: readonly Certificate[]): Certificate[] {
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

function authorityProblem(path: readonly Certificate[], now: Date): Problem | undefined {
  const [signer, root] = [path[0]!, path.at(-1)!]
  const notCa = path.find(({isCA}) => !isCA)
  if (notCa)
    return {message: `${notCa.subject} is not a CA that may sign certificates`, hints: ['name the certificate of a CA']}
  // one more than what stands between: the cluster's CA
  const tight = path.find(({pathLength}, at) => pathLength !== undefined && pathLength < at + 1)
  if (tight)
    return {
      message: `${tight.subject} allows only ${tight.pathLength} CAs below it (pathlen), and a cluster's CA is one more`,
      hints: ['ask its owner for a CA with a path length that leaves room for one CA'],
    }
  const message = verifyChain(signer, {intermediates: path, roots: [root], now})
  return message === undefined ? undefined : {message, hints: [chainHint]}
}

/**
 * The end of a certificate that is to be valid for some days from `now`, in whole seconds; `undefined` days are the
 * default, or less where the authority ends sooner. Throws `MeshError` when the days asked for are none, or when they
 * go beyond the end of the authority: what outlives its root is worth nothing, and would fail without a warning.
 */
export function endOf(days: number | undefined, now: Date, authority: Authority): Date {
  const ends = authority.path.reduce((first, one) => (one.notAfter < first.notAfter ? one : first))
  const asked = endAfter(days ?? defaultDays.intermediate, now)
  if (asked <= ends.notAfter) return asked
  if (days === undefined) return ends.notAfter
  const rest = Math.floor((ends.notAfter.getTime() - wholeSecond(now)) / dayMs)
  throw usageError(
    `${days} days go beyond the end of ${ends.subject} on ${formatDate(ends.notAfter)}`,
    rest > 0 ? `at most --days ${rest}` : 'it ends within a day: make or ask for a new root',
  )
}

const dayMs = 86_400_000

/** `days` after `now`, in whole seconds as certificates have them. Throws `MeshError` outside 1 to 36500 days. */
export function endAfter(days: number, now: Date): Date {
  if (!Number.isInteger(days) || days < 1 || days > 36_500)
    throw usageError(`${days} days are not possible`, 'give whole days from 1 to 36500')
  return new Date(wholeSecond(now) + days * dayMs)
}

function wholeSecond(now: Date): number {
  return Math.floor(now.getTime() / 1000) * 1000
}
