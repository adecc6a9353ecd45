import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {readAuthority} from '../../src/pki/authority.ts'
import type {CaCerts} from '../../src/pki/ca-certs.ts'
import {issueIntermediate} from '../../src/pki/issue.ts'
import {authorityPem, ecKey, makeCertificate, openssl, tempFolder} from './support.ts'

/** A request for the CA of a cluster. */
export const request = {
  cluster: 'east',
  systemNamespace: 'istio-system',
  keyType: 'ecdsa-p256',
  days: undefined,
} as const

/** Issues the CA of a cluster below a root or an issuing CA of an organisation. */
export function issue(certificate: string, key: string, now = new Date()): Promise<CaCerts> {
  return issueIntermediate({...request, now, authority: readAuthority(authorityPem(certificate, key), now)})
}

/** Verifies a workload certificate below the CA with openssl, with the chain and root that a proxy uses. */
export function verifyWorkload(ca: CaCerts): string {
  const folder = tempFolder()
  const key = ecKey()
  const leaf = makeCertificate({
    key,
    subject: '/O=workload',
    days: 1,
    extensions: [
      'basicConstraints=critical,CA:false',
      'extendedKeyUsage=serverAuth,clientAuth',
      'subjectAltName=critical,URI:spiffe://cluster.local/ns/a/sa/b',
    ],
    issuer: {certificate: ca.caCert, key: ca.caKey},
  })
  for (const [name, text] of Object.entries({leaf, root: ca.rootCert, chain: ca.certChain}))
    writeFileSync(join(folder, name), text)
  return openssl([
    'verify',
    '-x509_strict',
    '-CAfile',
    join(folder, 'root'),
    '-untrusted',
    join(folder, 'chain'),
    join(folder, 'leaf'),
  ])
}

/** The text that openssl prints for a certificate. */
export const textOf = (pem: string) => openssl(['x509', '-noout', '-text'], pem)
