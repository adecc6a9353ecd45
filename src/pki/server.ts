import type {KeyObject} from 'node:crypto'
import type {Problem} from '../errors.ts'
import {someOf} from '../text/count.ts'
import {dayMs} from '../text/duration.ts'
import {attempt} from './attempt.ts'
import {pemOf} from './pem-of.ts'
import {type Certificate, keyFits, readCertificates, readPrivateKey} from './read.ts'
import {allowsServerAuth, formatDate} from './verify.ts'

/** The TLS credentials of a server. */
export interface ServerFiles {
  /** The certificate of the server, followed by its intermediate certificates. */
  cert: NamedBytes
  /** Undefined to inspect the certificates alone. */
  key: NamedBytes | undefined
  /** CA certificates that sign client certificates. */
  ca?: NamedBytes | undefined
}

/** The content of a file or of a key of a Secret. */
export interface NamedBytes {
  /** How messages name the content. */
  name: string
  bytes: Buffer
}

/** A problem with the credentials of a server. */
export interface ServerProblem extends Problem {
  level: 'error' | 'warning'
}

/** Result of `inspectServer`. */
export interface ServerInspection {
  problems: ServerProblem[]
  /** The certificate of the server, if it is readable. */
  leaf: Certificate | undefined
}

/** Number of days before its end from which on a certificate causes a warning. */
const warningDays = 30

/** Curves that Envoy accepts for server certificates (Istio 1.31, Envoy TLS context: P-256, P-384 or P-521). */
const curves = ['prime256v1', 'secp384r1', 'secp521r1']

/**
 * Checks that a gateway can use certificates and key: format, key, order of the chain, dates, names, strength. Never
 * throws. Messages contain nothing of the key.
 *
 * @param hosts hosts that clients request (`a.example`, `*.example`); empty to skip the check of names
 */
export function inspectServer(files: ServerFiles, hosts: readonly string[], now: Date): ServerInspection {
  const unreadable: Problem[] = []
  const {cert, ca} = files
  const chain = attempt(() => readCertificates(pemOf(cert, 'certificate'), cert.name), unreadable)
  const {key: keyFile} = files
  const key = keyFile && attempt(() => readPrivateKey(pemOf(keyFile, 'key'), keyFile.name), unreadable)
  const clientCas = ca && attempt(() => readCertificates(pemOf(ca, 'certificate'), ca.name), unreadable)
  return {
    problems: [
      ...unreadable.map((problem): ServerProblem => ({level: 'error', ...problem})),
      ...(chain ? chainProblems(chain, key, files, hosts, now) : []),
      ...(clientCas ?? []).flatMap(certificate => clientCaProblems(certificate, ca!.name, now)),
    ],
    leaf: chain?.[0],
  }
}

function chainProblems(
  chain: readonly Certificate[],
  key: KeyObject | undefined,
  files: ServerFiles,
  hosts: readonly string[],
  now: Date,
): ServerProblem[] {
  return [
    ...orderProblems(chain, files.cert.name),
    ...chain.flatMap((certificate, at) => certificateProblems(certificate, at === 0, now)),
    ...hosts.flatMap(host => nameProblems(chain[0]!, host)),
    ...(key && files.key ? keyProblems(chain, key, files.cert.name, files.key.name) : []),
  ]
}

function clientCaProblems(certificate: Certificate, file: string, now: Date): ServerProblem[] {
  const problems = certificateProblems(certificate, false, now)
  if (certificate.isCA) return problems
  const message = `${file}: ${certificate.subject} is not a CA, so it cannot verify client certificates`
  return [{level: 'error', message}, ...problems]
}

/** Checks that each certificate is signed by the next. Clients with TLS 1.2 require it, and Envoy does not reorder. */
function orderProblems(chain: readonly Certificate[], file: string): ServerProblem[] {
  return chain.slice(1).flatMap((signer, at): ServerProblem[] => {
    const signed = chain[at]!
    if (signed.issuerName === signer.subjectName && signed.x509.verify(signer.publicKey)) return []
    return [
      {
        level: 'error',
        message: `${file}: certificate ${at + 2} (${signer.subject}) did not sign certificate ${at + 1} (${signed.subject})`,
        hints: ['expected order: the certificate of the server, then the certificate that signed it, and so on'],
      },
    ]
  })
}

function certificateProblems(certificate: Certificate, isLeaf: boolean, now: Date): ServerProblem[] {
  const {subject, weakSignature, selfSigned, publicKey} = certificate
  const messages: string[] = []
  // Clients do not verify the signature of a self-signed root.
  if (weakSignature && (isLeaf || !selfSigned))
    messages.push(`${subject} is signed with SHA-1 or MD5, which clients reject`)
  const weak = weakKey(publicKey)
  if (weak) messages.push(`${subject} has ${weak}`)
  if (isLeaf && !allowsServerAuth(certificate))
    messages.push(`${subject} has an extended key usage without server authentication`)
  return [...dateProblems(certificate, now), ...messages.map((message): ServerProblem => ({level: 'error', message}))]
}

function dateProblems({subject, notBefore, notAfter}: Certificate, now: Date): ServerProblem[] {
  const problems: ServerProblem[] = []
  const daysLeft = (notAfter.getTime() - now.getTime()) / dayMs
  if (daysLeft < 0) problems.push({level: 'error', message: `${subject} expired on ${formatDate(notAfter)}`})
  else if (daysLeft < warningDays)
    problems.push({
      level: 'warning',
      message: `${subject} expires in ${Math.floor(daysLeft)} days, on ${formatDate(notAfter)}`,
    })
  if (notBefore > now)
    problems.push({level: 'error', message: `${subject} is not valid before ${formatDate(notBefore)}`})
  return problems
}

/** Why Envoy or clients reject a key; undefined if they accept it. */
function weakKey(key: KeyObject): string | undefined {
  const {modulusLength = 0, namedCurve = ''} = key.asymmetricKeyDetails ?? {}
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return modulusLength < 2048 ? `an RSA key with ${modulusLength} bits; the minimum is 2048` : undefined
    case 'ec':
      return curves.includes(namedCurve)
        ? undefined
        : `a key on the curve ${namedCurve}; gateways accept P-256, P-384 and P-521`
    default:
      return `a key of type ${key.asymmetricKeyType}; gateways accept RSA and ECDSA`
  }
}

function keyProblems(
  chain: readonly Certificate[],
  key: KeyObject,
  certFile: string,
  keyFile: string,
): ServerProblem[] {
  if (keyFits(chain[0]!, key)) return []
  const other = chain.findIndex(certificate => keyFits(certificate, key))
  const hints =
    other > 0 ? [`it matches certificate ${other + 1}, ${chain[other]!.subject}, which must be the first`] : []
  return [{level: 'error', message: `the key in ${keyFile} does not match ${chain[0]!.subject} in ${certFile}`, hints}]
}

/** Checks the alternative names. Clients ignore the common name (RFC 6125; browsers and Go). */
function nameProblems(leaf: Certificate, host: string): ServerProblem[] {
  const names = leaf.names.filter(name => name.startsWith('DNS:')).map(name => name.slice(4).toLowerCase())
  if (names.includes(host)) return []
  if (!host.startsWith('*.') && leaf.x509.checkHost(host, {subject: 'never'})) return []
  const shown = someOf(names, 5)
  return [
    {
      level: 'error',
      message: `${leaf.subject} is not valid for ${host}`,
      hints: [
        names.length > 0
          ? `it is valid for ${shown}`
          : 'it has no DNS alternative names; clients ignore its common name',
      ],
    },
  ]
}
