import {usageError} from '../errors.ts'
import {pathFrom} from './authority.ts'
import type {CaCerts} from './ca-certs.ts'
import {excludedNames} from './name-constraints.ts'
import {type Certificate, keyFits, readCertificates, readPemBlocks, readPrivateKey} from './read.ts'
import {verifyChain} from './verify.ts'

/** A PEM text, and how messages name it. */
export interface NamedPem {
  text: string
  file: string
}

/** What a signed certificate is checked with. */
export interface SignedBy {
  key: NamedPem
  /** The root, and CAs below it that the file of the certificate may lack. Undefined: the file contains the root. */
  root: NamedPem | undefined
  now: Date
  /** Trust domain of the mesh. */
  trustDomain: string
}

/** The CA of a cluster as another CA has signed it. */
export interface SignedCa extends CaCerts {
  certificate: Certificate
}

const caHint =
  'sign the request as a CA: basicConstraints=critical,CA:TRUE,pathlen:0 and keyUsage=critical,keyCertSign,cRLSign (openssl: -copy_extensions copy)'

/**
 * Checks a signed certificate with those above it, in any order, and arranges them as istiod reads them.
 *
 * @throws MeshError (exit 2) if no certificate belongs to the key; if it is not a CA, or self-signed; if a certificate between it and the
 *   root is missing, expired, or allows no CA below it; if
 *   name constraints exclude what istiod issues; if the root is another one; if the file contains further certificates
 */
export function readSigned(signed: NamedPem, {key, root, now, trustDomain}: SignedBy): SignedCa {
  const given = readSignedCertificates(signed)
  const privateKey = readPrivateKey(key.text, key.file)
  const certificate = given.find(one => keyFits(one, privateKey))
  if (!certificate)
    throw usageError(
      `${signed.file} contains no certificate for ${key.file}; it contains ${given.map(({subject}) => subject).join('; ')}`,
      'import the certificate that was signed from the request of this cluster',
    )
  if (certificate.selfSigned)
    throw usageError(`${certificate.subject} in ${signed.file} is self-signed`, 'have the request signed by your CA')
  if (!certificate.isCA)
    throw usageError(`${certificate.subject} in ${signed.file} is not a CA that may sign certificates`, caHint)
  const above = root === undefined ? [] : readCertificates(root.text, root.file)
  const path = pathFrom(certificate, [...given, ...above])
  const roots = trustedRoots(signed.file, path, root && {file: root.file, certificates: above})
  const stray = given.find(one => ![...path, ...roots].some(({fingerprint}) => fingerprint === one.fingerprint))
  if (stray)
    throw usageError(
      `${stray.subject} in ${signed.file} is not part of the chain from ${certificate.subject} to its root`,
      'remove it from the file',
    )
  const problem = verifyChain(certificate, {intermediates: path, roots, now})
  if (problem) throw usageError(`${signed.file}: ${problem}`, 'request a certificate whose chain is valid')
  const excluded = excludedNames(path, {trustDomain, istiod: istiodNameIn(certificate)})
  if (excluded)
    throw usageError(
      `${signed.file}: ${excluded}`,
      'have the request signed by a CA without this constraint, or set the trust domain of the mesh with --trust-domain',
    )
  return {
    certificate,
    caCert: certificate.pem,
    caKey: key.text,
    certChain: path.map(({pem}) => pem).join(''),
    rootCert: roots.map(({pem}) => pem).join(''),
  }
}

/** The request contains the name of istiod in its system namespace, and CAs may drop it. */
function istiodNameIn({names}: Certificate): string {
  const name = names.map(text => text.replace(/^DNS:/, '')).find(text => text.startsWith('istiod.'))
  return name ?? 'istiod.istio-system.svc'
}

/** CAs often return PKCS#7, which istiod does not read. */
function readSignedCertificates({text, file}: NamedPem): Certificate[] {
  const types = readPemBlocks(text).map(({type}) => type)
  if (!types.includes('CERTIFICATE') && types.includes('PKCS7'))
    throw usageError(
      `${file} is PKCS#7; expected certificates`,
      `openssl pkcs7 -print_certs -in ${file} -out chain.pem`,
    )
  return readCertificates(text, file)
}

/** The self-signed certificates that workloads will trust. The path must end with one of them. */
function trustedRoots(
  file: string,
  path: readonly Certificate[],
  root: {file: string; certificates: readonly Certificate[]} | undefined,
): Certificate[] {
  const last = path.at(-1)!
  if (!last.selfSigned)
    throw usageError(
      `${last.subject} is signed by ${last.issuer}, which is ${root ? `neither in ${file} nor in ${root.file}` : `not in ${file}`}`,
      root ? 'add each certificate between them to the file' : 'set the root: --root-cert FILE',
    )
  if (root === undefined) return [last]
  const roots = root.certificates.filter(({selfSigned}) => selfSigned)
  if (roots.length === 0)
    throw usageError(`${root.file} contains no self-signed root`, 'add the root at the end of the file')
  if (!roots.some(({fingerprint}) => fingerprint === last.fingerprint))
    throw usageError(
      `${file} leads to the root ${last.subject} (${last.fingerprint}), which is not in ${root.file}`,
      'have the request signed below that root: all clusters of a mesh need the same root',
    )
  return roots
}
