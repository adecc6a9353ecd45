// Load this file only with `await import()`: reflect-metadata and @peculiar/x509 take about 60 ms to load. The order of
// the imports matters: @peculiar/x509 throws unless reflect-metadata is loaded first.
import 'reflect-metadata'
import {createPrivateKey, createPublicKey, type KeyObject, randomBytes, webcrypto} from 'node:crypto'
import * as x509 from '@peculiar/x509'
import {refusedError} from '../errors.ts'
import {type Authority, endAfter, endOf, signatureHashes} from './authority.ts'
import type {CaCerts} from './ca-certs.ts'
import {readCertificates} from './read.ts'
import {verifyChain} from './verify.ts'

/** Types of keys for new CAs. RSA is for peers that do not support ECDSA. */
export type KeyType = 'ecdsa-p256' | 'rsa-4096'

/** How to issue a root. */
export interface RootRequest {
  /** Default: `Root CA`, as in Istio's tools/certs/common.mk. */
  commonName?: string
  /** Default: `Istio`. */
  organization?: string
  keyType: KeyType
  /** An existing private key of this type (PEM), and its file for errors. Default: a new key. */
  key?: {text: string; file: string}
  now: Date
  /** Validity, 1 to 36500. */
  days: number
}

/** How to issue the CA of a cluster. */
export interface IntermediateRequest {
  authority: Authority
  /** Name of the cluster. It becomes the locality of the subject, as in Istio's tools/certs. */
  cluster: string
  systemNamespace: string
  keyType: KeyType
  now: Date
  /** From 1 to the remaining days of the authority; undefined for 365, or fewer if the authority ends sooner. */
  days: number | undefined
}

/** Validity starts in the past, because istiod rejects a CA that is not valid yet by the clock of its node. */
const clockSkewMs = 5 * 60_000

/** Algorithms of new keys for WebCrypto. */
export const keyAlgorithms = {
  'ecdsa-p256': {name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256'},
  'rsa-4096': {
    name: 'RSASSA-PKCS1-v1_5',
    modulusLength: 4096,
    publicExponent: new Uint8Array([1, 0, 1]),
    hash: 'SHA-256',
  },
} as const satisfies Record<KeyType, object>

/**
 * Key usages of a CA. Istio's tools/certs adds nonRepudiation and keyEncipherment, which a CA never uses. It lacks cRLSign,
 * without which Go rejects the revocation lists that istiod 1.27 and later can use.
 */
export const caKeyUsages =
  x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign

/**
 * Issues a self-signed root.
 *
 * @returns PEM texts; the key is PKCS#8
 * @throws MeshError (exit 2) for an invalid number of days
 * @throws MeshError (exit 3) if the existing key cannot be used, or has another type
 */
export async function issueRoot(request: RootRequest): Promise<{certificate: string; key: string}> {
  const {commonName = 'Root CA', organization = 'Istio', keyType, now, days} = request
  const keys = request.key === undefined ? await generateKeys(keyType) : await existingKeys(request.key, keyType)
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: nameOf({O: organization, CN: commonName}),
    notBefore: new Date(now.getTime() - clockSkewMs),
    notAfter: endAfter(days, now),
    signingAlgorithm: keyAlgorithms[keyType],
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(caKeyUsages, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return {certificate: pemOf(certificate), key: request.key?.text ?? (await keyPem(keys.privateKey))}
}

/**
 * Issues the CA of one cluster: with path length 0 and the alternative name that Istio's tools/certs use
 * (`istiod.<namespace>.svc`). It has no extended key usage, which Go would also require of the workloads' certificates.
 *
 * @throws MeshError (exit 2) if it would outlive the authority
 */
export async function issueIntermediate(request: IntermediateRequest): Promise<CaCerts> {
  const {authority, cluster, systemNamespace, keyType, now, days} = request
  const [signer] = authority.path
  if (!signer) throw new Error('the authority has no certificates')
  const notAfter = endOf(days, now, authority)
  const [keys, signing] = await Promise.all([generateKeys(keyType), signingKey(authority.key)])
  const starts = [now.getTime() - clockSkewMs, ...authority.path.map(({notBefore}) => notBefore.getTime())]
  const issued = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: nameOf({O: 'Istio', CN: 'Intermediate CA', L: cluster}),
    // Go finds an issuer by the bytes of its name, so they must not be encoded again.
    issuer: new x509.Name(Buffer.from(signer.subjectName, 'hex')),
    notBefore: new Date(Math.max(...starts)),
    notAfter,
    publicKey: keys.publicKey,
    signingKey: signing.key,
    signingAlgorithm: signing.algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(caKeyUsages, true),
      new x509.SubjectAlternativeNameExtension([{type: 'dns', value: `istiod.${systemNamespace}.svc`}]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await authorityKeyId(signer.keyId, authority.key),
    ],
  })
  const caCert = pemOf(issued)
  const [certificate] = readCertificates(caCert, 'ca-cert.pem')
  const problem = verifyChain(certificate!, {intermediates: authority.path, roots: [authority.root], now})
  if (problem) throw new Error(`the new CA of ${cluster} does not verify: ${problem}`)
  return {
    caCert,
    caKey: await keyPem(keys.privateKey),
    rootCert: authority.root.pem,
    // Istio's tools/certs also add the root at the end.
    certChain: [caCert, ...authority.path.map(({pem}) => pem)].join(''),
  }
}

/**
 * A name with exactly these texts. @peculiar/x509 would parse plain texts as RFC 4514: it would drop quotes and
 * backslashes, and decode hexadecimal digits after `#`.
 */
export function nameOf(attributes: Record<string, string>): x509.Name {
  return new x509.Name(
    Object.entries(attributes).map(([type, text]) => ({
      [type]: [/^[A-Za-z0-9 '()+,\-./:=?]*$/.test(text) ? {printableString: text} : {utf8String: text}],
    })),
  )
}

/** A new key pair. */
export async function generateKeys(keyType: KeyType): Promise<webcrypto.CryptoKeyPair> {
  const algorithm = keyAlgorithms[keyType]
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
}

/**
 * The key pair of a private key.
 *
 * @throws MeshError (exit 3) if it is unreadable, or has another type
 */
export async function existingKeys(
  {text, file}: {text: string; file: string},
  keyType: KeyType,
): Promise<webcrypto.CryptoKeyPair> {
  const algorithm = keyAlgorithms[keyType]
  try {
    const key = createPrivateKey(text)
    const spki = createPublicKey(key).export({format: 'der', type: 'spki'})
    const [privateKey, publicKey] = await Promise.all([
      webcrypto.subtle.importKey('pkcs8', key.export({format: 'der', type: 'pkcs8'}), algorithm, true, ['sign']),
      webcrypto.subtle.importKey('spki', spki, algorithm, true, ['verify']),
    ])
    return {privateKey, publicKey}
  } catch {
    throw refusedError(
      `${file} is not a private key of type ${keyType}`,
      'set the --key-type of the key, or use another folder',
    )
  }
}

/** The key of the authority for WebCrypto, with a hash that matches its strength. */
async function signingKey(key: KeyObject) {
  const {curve, hash} = signatureHashes[key.asymmetricKeyDetails?.namedCurve ?? ''] ?? {hash: 'SHA-256'}
  const algorithm = curve ? {name: 'ECDSA', namedCurve: curve, hash} : {name: 'RSASSA-PKCS1-v1_5', hash}
  const der = key.export({format: 'der', type: 'pkcs8'})
  return {algorithm, key: await webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign'])}
}

/** The subject key identifier of the issuer if it has one, else the SHA-1 hash of its key (RFC 5280, 4.2.1.2). */
async function authorityKeyId(keyId: string | undefined, key: KeyObject): Promise<x509.Extension> {
  if (keyId !== undefined) return new x509.AuthorityKeyIdentifierExtension(keyId)
  const spki = createPublicKey(key).export({format: 'der', type: 'spki'})
  return x509.AuthorityKeyIdentifierExtension.create(new x509.PublicKey(spki))
}

/** 127 random bits, positive and without a leading zero byte (RFC 5280, 4.1.2.2). */
function serialNumber(): string {
  const bytes = randomBytes(16)
  bytes[0] = (bytes[0]! & 0x7f) | 0x40
  return bytes.toString('hex')
}

function pemOf(certificate: x509.X509Certificate): string {
  return `${certificate.toString('pem')}\n`
}

/** A private key as PKCS#8, PEM. */
export async function keyPem(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key))
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`
}
