import {createPrivateKey, type KeyObject, X509Certificate} from 'node:crypto'
import {MeshError, messageOf, usageError} from '../errors.ts'
import {shellWord} from '../spec/read.ts'
import {readDerFields} from './der.ts'

/** One certificate, as far as a CA of a mesh is concerned. */
export interface Certificate {
  /** `O=Istio, CN=Root CA`; control characters are escaped. */
  subject: string
  issuer: string
  /** DER of the names, hex: what Go compares when it looks for an issuer. */
  subjectName: string
  issuerName: string
  /** SHA-256 over the DER, upper case hex with colons, as `openssl x509 -fingerprint -sha256` prints it. */
  fingerprint: string
  notBefore: Date
  notAfter: Date
  /** A CA by basicConstraints, and allowed to sign certificates where it has a key usage. */
  isCA: boolean
  /** CAs that may follow below; undefined: no limit. */
  pathLength: number | undefined
  selfSigned: boolean
  /** Signed over SHA-1 or MD5, which Go has refused since 1.18. */
  weakSignature: boolean
  /** Subject alternative names: `DNS:istiod.istio-system.svc`. */
  names: string[]
  /** Extended key usages as object identifiers; undefined without the extension. */
  extendedKeyUsage: string[] | undefined
  /** Subject key identifier, hex. */
  keyId: string | undefined
  publicKey: KeyObject
  pem: string
  x509: X509Certificate
}

/** md5WithRSAEncryption, sha1WithRSAEncryption, ecdsa-with-SHA1. */
const weakSignatures = ['2a864886f70d010104', '2a864886f70d010105', '2a8648ce3d0401']

interface PemBlock {
  type: string
  text: string
}

/** The blocks of a PEM text in their order; what stands around them is left out. */
export function readPemBlocks(pem: string): PemBlock[] {
  const blocks = pem.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g)
  return [...blocks].map(([text, type]) => ({type: type!, text}))
}

/**
 * All certificates of a PEM bundle, in their order, at least one. `file` names it in errors. Throws `MeshError` when
 * there is none, when one can't be read, and when a private key stands among them: istiod hands
 * `root-cert.pem` and `cert-chain.pem` to every namespace and workload.
 */
export function readCertificates(pem: string, file: string): Certificate[] {
  const blocks = readPemBlocks(pem)
  if (blocks.some(({type}) => type.endsWith('PRIVATE KEY')))
    throw usageError(
      `${file} holds a private key beside its certificates, which are handed out to all`,
      'keep only the CERTIFICATE blocks in it, and replace the key if others could read the file',
    )
  const texts = blocks.filter(({type}) => type === 'CERTIFICATE').map(({text}) => text)
  if (texts.length === 0)
    throw usageError(`${file} holds no certificate`, 'it must be PEM: -----BEGIN CERTIFICATE----- and so on')
  return texts.map((text, at) => {
    try {
      return readCertificate(new X509Certificate(text))
    } catch (error) {
      throw usageError(
        `certificate ${at + 1} of ${file} can't be read: ${messageOf(error)}`,
        `look at it: openssl x509 -noout -text -in ${shellWord(file)}`,
      )
    }
  })
}

function readCertificate(x509: X509Certificate): Certificate {
  const {signatureAlgorithm, ...der} = readDerFields(x509.raw)
  return {
    ...der,
    subject: oneLine(x509.subject),
    issuer: oneLine(x509.issuer),
    fingerprint: x509.fingerprint256,
    notBefore: new Date(x509.validFrom),
    notAfter: new Date(x509.validTo),
    isCA: x509.ca,
    selfSigned: der.subjectName === der.issuerName && x509.verify(x509.publicKey),
    weakSignature: weakSignatures.includes(signatureAlgorithm),
    names: x509.subjectAltName?.split(', ') ?? [],
    // node calls the extended key usage `keyUsage`
    extendedKeyUsage: x509.keyUsage,
    publicKey: x509.publicKey,
    pem: x509.toString(),
    x509,
  }
}

/** node prints a name as lines; a certificate may have none at all. */
function oneLine(name: string | undefined): string {
  return name?.split('\n').join(', ') || '(no name)'
}

/**
 * The private key of a PEM text (PKCS#1, SEC 1 or PKCS#8). `file` names it in errors. Throws `MeshError` when there is
 * none, when it is encrypted, and when it can't be read. Nothing of the text is in the error.
 */
export function readPrivateKey(pem: string, file: string): KeyObject {
  const keys = readPemBlocks(pem).filter(({type}) => type.endsWith('PRIVATE KEY'))
  if (keys.length !== 1)
    throw usageError(
      `${file} holds ${keys.length === 0 ? 'no private key' : `${keys.length} private keys, want one`}`,
      'it must be PEM: -----BEGIN PRIVATE KEY-----, EC PRIVATE KEY or RSA PRIVATE KEY',
    )
  const {type, text} = keys[0]!
  if (type === 'ENCRYPTED PRIVATE KEY' || /^Proc-Type:.*ENCRYPTED/m.test(text))
    throw usageError(
      `${file} is encrypted with a passphrase; istiod can't ask for it, nor do we`,
      `decrypt it: (umask 077; openssl pkey -in ${shellWord(file)} -out key.pem)`,
    )
  try {
    return createPrivateKey(text)
  } catch {
    // the library's words tell nothing that helps here
    throw usageError(
      `the private key in ${file} can't be read`,
      `check it: openssl pkey -noout -check -in ${shellWord(file)}`,
    )
  }
}

/** Whether the key is the one of the certificate. */
export function keyFits(certificate: Certificate, key: KeyObject): boolean {
  return certificate.x509.checkPrivateKey(key)
}

/** Fingerprints of the certificates of a bundle; empty when it can't be read. */
function fingerprintsOf(pem: string): Set<string> {
  try {
    return new Set(readCertificates(pem, 'root-cert.pem').map(({fingerprint}) => fingerprint))
  } catch (error) {
    if (error instanceof MeshError) return new Set()
    throw error
  }
}

/**
 * Whether two root bundles hold the same roots, in whatever order and however often; during a change of roots that is
 * the old and the new one in both. What can't be read is the same as nothing.
 */
export function sameRoot(a: string, b: string): boolean {
  const [left, right] = [fingerprintsOf(a), fingerprintsOf(b)]
  return left.size > 0 && left.size === right.size && [...left].every(one => right.has(one))
}

/** The fingerprints of a root bundle for people, joined by ` + `; `unreadable` where there is no certificate in it. */
export function fingerprintOf(pem: string): string {
  return [...fingerprintsOf(pem)].join(' + ') || 'unreadable'
}
