import {execFileSync} from 'node:child_process'
import {generateKeyPairSync} from 'node:crypto'
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {onTestFinished} from 'vitest'
import type {AuthorityPem} from '../../src/pki/authority.ts'

/** A temporary folder that is removed after the test. */
export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mesh-pki-'))
  onTestFinished(() => rmSync(folder, {recursive: true, force: true}))
  return folder
}

/** Runs openssl. Throws with its output if it fails. */
export function openssl(args: string[], input = ''): string {
  return execFileSync('openssl', args, {input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe']})
}

/** A new ECDSA P-256 key, PKCS#8. Node creates it in a fraction of the time that a child process takes. */
export function ecKey(): string {
  const {privateKey} = generateKeyPairSync('ec', {namedCurve: 'P-256'})
  return privateKey.export({type: 'pkcs8', format: 'pem'}) as string
}

/** Returns a function that creates a key on its first call and returns the same key later. Creating an RSA key takes long. */
function once(create: () => string): () => string {
  let key: string | undefined
  return () => {
    key ??= create()
    return key
  }
}

/** Creates keys with openssl: PEM of every type and format that an organisation may have. RSA keys are created once. */
export const keyMakers: Record<string, () => string> = {
  'ECDSA P-256 PKCS#8': () => openssl(['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256']),
  'ECDSA P-384 PKCS#8': () => openssl(['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384']),
  'ECDSA P-521 PKCS#8': () => openssl(['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-521']),
  'ECDSA P-256 SEC 1 after EC PARAMETERS': () => openssl(['ecparam', '-name', 'prime256v1', '-genkey']),
  'ECDSA P-384 SEC 1': () => openssl(['ecparam', '-name', 'secp384r1', '-genkey', '-noout']),
  'RSA 2048 PKCS#8': once(() => openssl(['genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'])),
  'RSA 3072 PKCS#1': once(() => openssl(['genrsa', '-traditional', '3072'])),
}

/** Input of `makeCertificate`. */
export interface MakeCertificate {
  key: string
  subject?: string
  extensions?: string[]
  days?: number
  digest?: string
  /** Signs the certificate; undefined for a self-signed one. */
  issuer?: {certificate: string; key: string}
}

export const caExtensions = [
  'basicConstraints=critical,CA:true',
  'keyUsage=critical,keyCertSign,cRLSign',
  'subjectKeyIdentifier=hash',
]

/** Creates a certificate with openssl, PEM. */
export function makeCertificate(request: MakeCertificate): string {
  const {
    key,
    subject = '/O=Example/CN=Example Root',
    extensions = caExtensions,
    days = 3650,
    digest = 'sha256',
    issuer,
  } = request
  const folder = mkdtempSync(join(tmpdir(), 'mesh-pki-'))
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text, {mode: 0o600})
    return join(folder, name)
  }
  try {
    const keyFile = file('key.pem', key)
    const config = file('req.cnf', '[req]\ndistinguished_name=dn\nstring_mask=nombstr\n[dn]\n')
    const extFile = file('ext.cnf', `[ext]\n${extensions.join('\n')}\n`)
    const csr = openssl(['req', '-new', `-${digest}`, '-key', keyFile, '-config', config, '-subj', subject])
    const signer = issuer
      ? ['-CA', file('ca.pem', issuer.certificate), '-CAkey', file('ca-key.pem', issuer.key), '-CAcreateserial']
      : ['-signkey', keyFile]
    const args = [
      'x509',
      '-req',
      `-${digest}`,
      '-days',
      String(days),
      '-extfile',
      extFile,
      '-extensions',
      'ext',
      ...signer,
    ]
    openssl([...args, '-out', join(folder, 'out.pem')], csr)
    return readFileSync(join(folder, 'out.pem'), 'utf8')
  } finally {
    rmSync(folder, {recursive: true})
  }
}

export function authorityPem(certificate: string, key: string): AuthorityPem {
  return {certificate, key, files: {certificate: 'org-cert.pem', key: 'org-key.pem'}}
}

const day = 86_400_000

/** The time in a number of days. */
export function inDays(days: number): Date {
  return new Date(Date.now() + days * day)
}
