import {createPrivateKey, type KeyObject, X509Certificate} from 'node:crypto'
import {MeshError, messageOf, usageError} from '../errors.ts'
import {remembering} from '../text/remembering.ts'
import {shellWord} from '../text/shell-word.ts'
import {type NameConstraints, readDerFields} from './der.ts'

/** A parsed certificate. */
export interface Certificate {
  /** Such as `O=Istio, CN=Root CA`. Control characters are escaped. */
  subject: string
  issuer: string
  /** Hex of the DER of the names, which Go compares to find an issuer. */
  subjectName: string
  issuerName: string
  /** SHA-256 of the DER: lower case hex with colons, as tables show its parts. */
  fingerprint: string
  notBefore: Date
  notAfter: Date
  /** A CA by its basic constraints, which may sign certificates by its key usage, if it has one. */
  isCA: boolean
  /** Maximum number of CAs below this one; undefined for no limit. */
  pathLength: number | undefined
  selfSigned: boolean
  /** Signed with SHA-1 or MD5, which Go rejects since 1.18. */
  weakSignature: boolean
  /** Subject alternative names, such as `DNS:istiod.istio-system.svc`. */
  names: string[]
  /** Extended key usages as object identifiers; undefined without the extension. */
  extendedKeyUsage: string[] | undefined
  /** Subject key identifier, hex. */
  keyId: string | undefined
  /** Which names certificates below this one may have; undefined for all. */
  nameConstraints: NameConstraints | undefined
  publicKey: KeyObject
  pem: string
  x509: X509Certificate
}

/** Object identifiers of md5WithRSAEncryption, sha1WithRSAEncryption and ecdsa-with-SHA1: content bytes, hex. */
const weakSignatures = ['2a864886f70d010104', '2a864886f70d010105', '2a8648ce3d0401']

interface PemBlock {
  type: string
  text: string
}

/** Returns the blocks of a PEM text in their order. Text around them is ignored. */
export function readPemBlocks(pem: string): PemBlock[] {
  const blocks = pem.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g)
  return [...blocks].map(([text, type]) => ({type: type!, text}))
}

/**
 * Reads all certificates of a PEM text, in their order.
 *
 * @param file how messages name the text
 * @returns at least one certificate
 * @throws MeshError (exit 2) if there is none, if one is unreadable, or if the text contains a private key: istiod
 *   distributes `root-cert.pem` and `cert-chain.pem` to every namespace and workload
 */
export function readCertificates(pem: string, file: string): Certificate[] {
  const blocks = readPemBlocks(pem)
  if (blocks.some(({type}) => type.endsWith('PRIVATE KEY')))
    throw usageError(
      `${file} contains a private key beside its certificates, which are public`,
      'keep only the CERTIFICATE blocks, and replace the key if others could read the file',
    )
  const texts = blocks.filter(({type}) => type === 'CERTIFICATE').map(({text}) => text)
  if (texts.length === 0)
    throw usageError(`${file} contains no certificate`, 'expected PEM: -----BEGIN CERTIFICATE-----')
  return texts.map((text, at) => {
    try {
      return readCertificate(new X509Certificate(text))
    } catch (error) {
      throw usageError(
        `cannot read certificate ${at + 1} of ${file}: ${messageOf(error)}`,
        `inspect it: openssl x509 -noout -text -in ${shellWord(file)}`,
      )
    }
  })
}

function readCertificate(x509: X509Certificate): Certificate {
  const {signatureAlgorithm, ...der} = readDerFields(x509.raw)
  const [notBefore, notAfter] = [new Date(x509.validFrom), new Date(x509.validTo)]
  // OpenSSL reads certificates whose dates are no dates, and Date has no text for such a date.
  if (Number.isNaN(notBefore.getTime()) || Number.isNaN(notAfter.getTime()))
    throw new Error('its validity is not a date')
  return {
    ...der,
    subject: oneLine(x509.subject),
    issuer: oneLine(x509.issuer),
    fingerprint: x509.fingerprint256.toLowerCase(),
    notBefore,
    notAfter,
    isCA: x509.ca,
    selfSigned: der.subjectName === der.issuerName && x509.verify(x509.publicKey),
    weakSignature: weakSignatures.includes(signatureAlgorithm),
    names: x509.subjectAltName?.split(', ') ?? [],
    // node:crypto exposes the extended key usage as `keyUsage`.
    extendedKeyUsage: x509.keyUsage,
    publicKey: x509.publicKey,
    pem: x509.toString(),
    x509,
  }
}

/** node:crypto prints a name as several lines. It is undefined for an empty name. */
function oneLine(name: string | undefined): string {
  return name?.split('\n').join(', ') || '(no name)'
}

/**
 * Reads the private key of a PEM text (PKCS#1, SEC 1 or PKCS#8). Errors contain nothing of the text.
 *
 * @param file how messages name the text
 * @throws MeshError (exit 2) unless there is exactly one key, which is readable and unencrypted
 */
export function readPrivateKey(pem: string, file: string): KeyObject {
  const keys = readPemBlocks(pem).filter(({type}) => type.endsWith('PRIVATE KEY'))
  if (keys.length !== 1)
    throw usageError(
      `${file} contains ${keys.length === 0 ? 'no private key' : `${keys.length} private keys; expected one`}`,
      'expected PEM: -----BEGIN PRIVATE KEY-----, EC PRIVATE KEY or RSA PRIVATE KEY',
    )
  const {type, text} = keys[0]!
  if (type === 'ENCRYPTED PRIVATE KEY' || /^Proc-Type:.*ENCRYPTED/m.test(text))
    throw usageError(
      `${file} is encrypted; expected a key without a passphrase`,
      `decrypt it: (umask 077; openssl pkey -in ${shellWord(file)} -out key.pem)`,
    )
  try {
    return createPrivateKey(text)
  } catch {
    // The message of OpenSSL does not help the user.
    throw usageError(
      `cannot read the private key in ${file}`,
      `check it: openssl pkey -noout -check -in ${shellWord(file)}`,
    )
  }
}

/** Whether a private key belongs to a certificate. */
export function keyFits(certificate: Certificate, key: KeyObject): boolean {
  return certificate.x509.checkPrivateKey(key)
}

/** Fingerprints of the certificates of a bundle; empty if it is unreadable. Each cluster is compared with every other. */
const fingerprintsOf = remembering((pem): ReadonlySet<string> => {
  try {
    return new Set(readCertificates(pem, 'root-cert.pem').map(({fingerprint}) => fingerprint))
  } catch (error) {
    if (error instanceof MeshError) return new Set()
    throw error
  }
})

/**
 * Whether two bundles contain the same roots, regardless of order and repetition. During a rotation, both must contain the
 * old and the new root. An unreadable bundle equals no other.
 */
export function sameRoot(a: string, b: string): boolean {
  const [left, right] = [fingerprintsOf(a), fingerprintsOf(b)]
  return left.size > 0 && left.size === right.size && [...left].every(one => right.has(one))
}

/** Formats the fingerprints of a root bundle, joined by ` + `. Returns `unreadable` if it contains no certificate. */
export function fingerprintOf(pem: string): string {
  return [...fingerprintsOf(pem)].join(' + ') || 'unreadable'
}
