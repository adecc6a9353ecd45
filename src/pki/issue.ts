// The one file that loads reflect-metadata and @peculiar/x509 (some 60 ms): load it with `await import()` only. The
// order matters: without reflect-metadata the other throws.
import 'reflect-metadata'
import {createPublicKey, type KeyObject, randomBytes, webcrypto} from 'node:crypto'
import * as x509 from '@peculiar/x509'
import {type Authority, endAfter, endOf, signatureHashes} from './authority.ts'
import type {CaCerts} from './ca-certs.ts'
import {readCertificates} from './read.ts'
import {verifyChain} from './verify.ts'

/** Keys of new CAs. RSA for peers that have no ECDSA. */
export type KeyType = 'ecdsa-p256' | 'rsa-4096'

/** A new root. */
export interface RootRequest {
  /** `Root CA` where none is given, as in Istio's tools/certs/common.mk. */
  commonName?: string
  /** `Istio` where none is given. */
  organization?: string
  keyType: KeyType
  now: Date
  /** 1 to 36500. */
  days: number
}

/** A new CA of a cluster. */
export interface IntermediateRequest {
  authority: Authority
  /** Name of the cluster: the locality of the subject, as in Istio's tools/certs. */
  cluster: string
  systemNamespace: string
  keyType: KeyType
  now: Date
  /** 1 to what is left of the authority; undefined: the default, or less where the authority ends sooner. */
  days: number | undefined
}

/** istiod refuses a CA that is not valid yet by its own node's clock; so it starts a little in the past. */
const clockSkewMs = 5 * 60_000

const algorithms = {
  'ecdsa-p256': {name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256'},
  'rsa-4096': {
    name: 'RSASSA-PKCS1-v1_5',
    modulusLength: 4096,
    publicExponent: new Uint8Array([1, 0, 1]),
    hash: 'SHA-256',
  },
} as const satisfies Record<KeyType, object>

/**
 * What a CA's key is for. Istio's tools/certs adds nonRepudiation and keyEncipherment, which a CA never uses, and lacks
 * cRLSign, without which Go refuses every revocation list that istiod (1.27+) could be given.
 */
const keyUsages = x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign

/** Makes a self-signed root. Gives PEM; the key is PKCS#8. Throws `MeshError` on impossible days. */
export async function issueRoot(request: RootRequest): Promise<{certificate: string; key: string}> {
  const {commonName = 'Root CA', organization = 'Istio', keyType, now, days} = request
  const keys = await makeKeys(keyType)
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: [{O: [organization]}, {CN: [commonName]}],
    notBefore: new Date(now.getTime() - clockSkewMs),
    notAfter: endAfter(days, now),
    signingAlgorithm: algorithms[keyType],
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(keyUsages, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return {certificate: pemOf(certificate), key: await keyPem(keys.privateKey)}
}

/**
 * Makes the CA of one cluster: path length 0, the alternative name of Istio's tools/certs (`istiod.<namespace>.svc`),
 * no extended key usage (Go would hold it against workloads). Throws `MeshError` when the days go beyond the authority.
 */
export async function issueIntermediate(request: IntermediateRequest): Promise<CaCerts> {
  const {authority, cluster, systemNamespace, keyType, now, days} = request
  const [signer] = authority.path
  if (!signer) throw new Error('an authority without certificates')
  const notAfter = endOf(days, now, authority)
  const [keys, signing] = await Promise.all([makeKeys(keyType), signingKey(authority.key)])
  const starts = [now.getTime() - clockSkewMs, ...authority.path.map(({notBefore}) => notBefore.getTime())]
  const issued = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: [{O: ['Istio']}, {CN: ['Intermediate CA']}, {L: [cluster]}],
    // its bytes, not its text: Go looks for an issuer by the bytes of the name
    issuer: new x509.Name(Buffer.from(signer.subjectName, 'hex')),
    notBefore: new Date(Math.max(...starts)),
    notAfter,
    publicKey: keys.publicKey,
    signingKey: signing.key,
    signingAlgorithm: signing.algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(keyUsages, true),
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
    // with the root at its end, as Istio's tools/certs make it
    certChain: [caCert, ...authority.path.map(({pem}) => pem)].join(''),
  }
}

async function makeKeys(keyType: KeyType): Promise<webcrypto.CryptoKeyPair> {
  const algorithm = algorithms[keyType]
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
}

/** The authority's key for WebCrypto, with the hash that goes with its strength. */
async function signingKey(key: KeyObject) {
  const {curve, hash} = signatureHashes[key.asymmetricKeyDetails?.namedCurve ?? ''] ?? {hash: 'SHA-256'}
  const algorithm = curve ? {name: 'ECDSA', namedCurve: curve, hash} : {name: 'RSASSA-PKCS1-v1_5', hash}
  const der = key.export({format: 'der', type: 'pkcs8'})
  return {algorithm, key: await webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign'])}
}

/** The issuer's own key id where it has one, whatever way it was made; else the usual hash of its key. */
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

async function keyPem(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key))
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`
}
