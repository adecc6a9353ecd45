import {createPrivateKey, type KeyObject, X509Certificate} from 'node:crypto'
import {MeshError, type Problem} from '../errors.ts'
import {shellWord} from '../spec/read.ts'
import {type Certificate, keyFits, readCertificates, readPrivateKey} from './read.ts'
import {formatDate} from './verify.ts'

/** What a server shows to its clients, as it stands in files or in a Secret; `name` names it in problems. */
export interface ServerFiles {
  cert: NamedBytes
  key: NamedBytes
  /** CA of the clients. */
  ca?: NamedBytes | undefined
}

/** Bytes with the file's name, or the place in a Secret. */
export interface NamedBytes {
  name: string
  bytes: Buffer
}

/** What is wrong or may be. */
export interface ServerProblem extends Problem {
  level: 'error' | 'warning'
}

/** All that was found, and the server's own certificate if it could be read. */
export interface ServerInspection {
  problems: ServerProblem[]
  leaf: Certificate | undefined
}

const dayMs = 86_400_000

/** From this many days before its end on, a certificate is warned of. */
const soonDays = 30

/** Curves for which Envoy takes a certificate (1.31: TLS context, "Only P-256, P-384 or P-521 ECDSA certificates"). */
const curves = ['prime256v1', 'secp384r1', 'secp521r1']

/**
 * Looks at a server's certificates and key as a gateway will use them: form, key, order of the chain, dates, names,
 * strength. `hosts` are what clients will ask for (`a.example`, `*.example`); none are not compared. Nothing of a key is
 * in what it says. Never throws.
 */
export function lookAtServer(files: ServerFiles, hosts: readonly string[], now: Date): ServerInspection {
  const problems: ServerProblem[] = []
  const attempt = <T>(read: () => T): T | undefined => {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof MeshError)) throw error
      problems.push(...error.problems.map(problem => ({...problem, level: 'error' as const})))
      return undefined
    }
  }
  const chain = attempt(() => readCertificates(pemOf(files.cert, 'certificate'), files.cert.name))
  const key = attempt(() => readPrivateKey(pemOf(files.key, 'key'), files.key.name))
  const {ca} = files
  const clientCas = ca && attempt(() => readCertificates(pemOf(ca, 'certificate'), ca.name))
  if (chain) {
    problems.push(...orderProblems(chain, files.cert.name))
    problems.push(...chain.flatMap((certificate, at) => ownProblems(certificate, at === 0, now)))
    problems.push(...hosts.flatMap(host => nameProblems(chain[0]!, host)))
    if (key) problems.push(...keyProblems(chain, key, files))
  }
  for (const certificate of clientCas ?? []) {
    if (!certificate.isCA)
      problems.push({
        level: 'error',
        message: `${ca!.name}: ${certificate.subject} is no CA, and can't be one of clients`,
      })
    problems.push(...ownProblems(certificate, false, now))
  }
  return {problems, leaf: chain?.[0]}
}

/** The text of a file; DER and PKCS#12 are told with the command that makes PEM of them. */
function pemOf({name, bytes}: NamedBytes, wanted: 'certificate' | 'key'): string {
  // DER begins with a SEQUENCE of a length in bytes of its own, or of a short one: Ed25519 keys have 48 bytes
  if (bytes[0] !== 0x30 || bytes.includes('-----BEGIN ')) return bytes.toString('utf8')
  const file = shellWord(name)
  const hint = isDerCertificate(bytes)
    ? `openssl x509 -inform der -in ${file} -out ${shellWord(`${name}.pem`)}`
    : isDerKey(bytes)
      ? `(umask 077; openssl pkey -inform der -in ${file} -out ${shellWord(`${name}.pem`)})`
      : wanted === 'certificate'
        ? `if it is PKCS#12: openssl pkcs12 -nokeys -in ${file} -out ${shellWord(`${name}.pem`)}`
        : `if it is PKCS#12: (umask 077; openssl pkcs12 -nocerts -nodes -in ${file} -out ${shellWord(`${name}.pem`)})`
  throw new MeshError({message: `${name} is binary (DER), and gateways read PEM`, hints: [hint]}, 2)
}

function isDerCertificate(bytes: Buffer): boolean {
  try {
    return new X509Certificate(bytes).raw.length > 0
  } catch {
    // what it is then is asked next
    return false
  }
}

function isDerKey(bytes: Buffer): boolean {
  return (['pkcs8', 'pkcs1', 'sec1'] as const).some(type => {
    try {
      createPrivateKey({key: bytes, format: 'der', type})
      return true
    } catch {
      // none of this type; the next one is tried
      return false
    }
  })
}

/** Each certificate has to be signed by the next: clients of TLS 1.2 need that, and Envoy sends what it is given. */
function orderProblems(chain: readonly Certificate[], file: string): ServerProblem[] {
  return chain.slice(1).flatMap((signer, at) => {
    const signed = chain[at]!
    if (signed.issuerName === signer.subjectName && signed.x509.verify(signer.publicKey)) return []
    return [
      {
        level: 'error' as const,
        message: `${file}: certificate ${at + 2} (${signer.subject}) did not sign certificate ${at + 1} (${signed.subject})`,
        hints: ["order: the server's own certificate first, then whoever signed it, and so on"],
      },
    ]
  })
}

function ownProblems(certificate: Certificate, isLeaf: boolean, now: Date): ServerProblem[] {
  const {subject, notBefore, notAfter, extendedKeyUsage, weakSignature, selfSigned, publicKey} = certificate
  const problems: ServerProblem[] = []
  const daysLeft = (notAfter.getTime() - now.getTime()) / dayMs
  if (daysLeft < 0) problems.push({level: 'error', message: `${subject} expired on ${formatDate(notAfter)}`})
  else if (daysLeft < soonDays)
    problems.push({
      level: 'warning',
      message: `${subject} expires in ${Math.floor(daysLeft)} days, on ${formatDate(notAfter)}`,
    })
  if (notBefore > now)
    problems.push({level: 'error', message: `${subject} is not valid before ${formatDate(notBefore)}`})
  // nobody looks at a root's signature of itself
  if (weakSignature && (isLeaf || !selfSigned))
    problems.push({level: 'error', message: `${subject} is signed over SHA-1 or MD5, which clients refuse`})
  const weak = weakKey(publicKey)
  if (weak) problems.push({level: 'error', message: `${subject} has ${weak}`})
  if (isLeaf && extendedKeyUsage && !extendedKeyUsage.some(usage => serverUsages.includes(usage)))
    problems.push({level: 'error', message: `${subject} has an extended key usage without server authentication`})
  return problems
}

/** 2.5.29.37.0 and id-kp-serverAuth. */
const serverUsages = ['2.5.29.37.0', '1.3.6.1.5.5.7.3.1']

/** What Envoy or clients refuse about a key; undefined when nothing. */
function weakKey(key: KeyObject): string | undefined {
  const {modulusLength = 0, namedCurve = ''} = key.asymmetricKeyDetails ?? {}
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return modulusLength < 2048 ? `an RSA key of ${modulusLength} bits; 2048 are the least` : undefined
    case 'ec':
      return curves.includes(namedCurve) ? undefined : `a key on ${namedCurve}; gateways take P-256, P-384 and P-521`
    default:
      return `a key of type ${key.asymmetricKeyType}; gateways take RSA and ECDSA`
  }
}

function keyProblems(chain: readonly Certificate[], key: KeyObject, {cert, key: file}: ServerFiles): ServerProblem[] {
  if (keyFits(chain[0]!, key)) return []
  const other = chain.findIndex(certificate => keyFits(certificate, key))
  const message = `the key in ${file.name} is not that of ${chain[0]!.subject} in ${cert.name}`
  const hints =
    other > 0 ? [`it is that of certificate ${other + 1}, ${chain[other]!.subject}: that one has to stand first`] : []
  return [{level: 'error', message, hints}]
}

/** Clients look at the alternative names only (RFC 6125; browsers and Go no longer read the common name). */
function nameProblems(leaf: Certificate, host: string): ServerProblem[] {
  const names = leaf.names.filter(name => name.startsWith('DNS:')).map(name => name.slice(4).toLowerCase())
  const fits = names.includes(host) || (!host.startsWith('*.') && leaf.x509.checkHost(host, {subject: 'never'}))
  if (fits) return []
  const shown = names.slice(0, 5).join(', ') + (names.length > 5 ? ` and ${names.length - 5} more` : '')
  return [
    {
      level: 'error',
      message: `${leaf.subject} is not for ${host}`,
      hints: [names.length > 0 ? `it is for ${shown}` : 'it has no alternative names; clients no longer read its CN'],
    },
  ]
}
