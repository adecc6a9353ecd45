// Load this file only with `await import()`, like `issue.ts`.
import {createPublicKey} from 'node:crypto'
import * as x509 from '@peculiar/x509'
import {messageOf, usageError} from '../errors.ts'
import {shellWord} from '../text/shell-word.ts'
import {caKeyUsages, existingKeys, generateKeys, type KeyType, keyAlgorithms, keyPem, nameOf} from './issue.ts'
import type {Certificate} from './read.ts'

/** What the CA of a cluster should be. */
export interface CaRequest {
  /** Name of the cluster. It becomes the locality of the subject, as in Istio's tools/certs. */
  cluster: string
  systemNamespace: string
  commonName: string
  organization: string
  keyType: KeyType
  /** An existing private key of this type (PEM), and its file for errors. Default: a new key. */
  key?: {text: string; file: string}
}

/**
 * Creates a certificate signing request for the intermediate CA of a cluster: with path length 0 and the alternative name
 * that Istio's tools/certs use (`istiod.<namespace>.svc`).
 *
 * @returns PEM texts; the key is PKCS#8
 * @throws MeshError (exit 3) if the existing key cannot be used, or has another type
 */
export async function createRequest(request: CaRequest): Promise<{csr: string; key: string}> {
  const {cluster, systemNamespace, commonName, organization, keyType} = request
  const keys = request.key === undefined ? await generateKeys(keyType) : await existingKeys(request.key, keyType)
  const created = await x509.Pkcs10CertificateRequestGenerator.create({
    name: nameOf({O: organization, CN: commonName, L: cluster}),
    keys,
    signingAlgorithm: keyAlgorithms[keyType],
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(caKeyUsages, true),
      new x509.SubjectAlternativeNameExtension([{type: 'dns', value: `istiod.${systemNamespace}.svc`}]),
    ],
  })
  return {csr: `${created.toString('pem')}\n`, key: request.key?.text ?? (await keyPem(keys.privateKey))}
}

/**
 * Reads a signing request (PEM).
 *
 * @param file for the error
 * @throws MeshError (exit 2) for any other text
 */
export function parseRequest(csr: string, file: string): x509.Pkcs10CertificateRequest {
  try {
    return new x509.Pkcs10CertificateRequest(csr)
  } catch (error) {
    throw usageError(
      `${file} is not a certificate signing request: ${messageOf(error).split('\n')[0]}`,
      `to create it again for the same key: rm ${shellWord(file)}, then kubectl mesh ca request`,
    )
  }
}

/** Whether a signing request belongs to a private key (PEM). */
export function requestFits(request: x509.Pkcs10CertificateRequest, key: string): boolean {
  const spki = createPublicKey(key).export({format: 'der', type: 'spki'})
  return spki.equals(Buffer.from(request.publicKey.rawData))
}

/**
 * Returns what was requested and is not in the certificate: the organization and the alternative names. istiod accepts such a
 * certificate.
 */
export function missingFromCertificate(request: x509.Pkcs10CertificateRequest, certificate: Certificate): string[] {
  const names = request.extensions
    .filter(extension => extension instanceof x509.SubjectAlternativeNameExtension)
    .flatMap(({names: {items}}) => items.map(({type, value}) => `${type.toUpperCase()}:${value}`))
  const organizations = request.subjectName.getField('O')
  // Not `toLegacyObject` of node:crypto: it loads a part of node:tls first, which then lacks functions in this process (Node 24).
  const granted = new x509.X509Certificate(certificate.pem).subjectName.getField('O')
  return [
    ...organizations.filter(one => !granted.includes(one)).map(one => `organization ${one}`),
    ...names.filter(name => !certificate.names.includes(name)).map(name => `alternative name ${name}`),
  ]
}
