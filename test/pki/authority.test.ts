import {expect, test, vi} from 'vitest'
import {readAuthority} from '../../src/pki/authority.ts'
import {authorityPem, caExtensions, ecKey, inDays, keyMakers, makeCertificate, openssl} from './support.ts'

// Keys of 4096 bits and openssl are slow on a busy machine.
vi.setConfig({testTimeout: 60_000})

const passphrase = ['-passout', 'pass:long-enough']
const rsa = keyMakers['RSA 2048 PKCS#8']!

const read =
  (certificate: string, key: string, now = new Date()) =>
  () =>
    readAuthority(authorityPem(certificate, key), now)

/** With a path length in basicConstraints. */
const limited = (pathLength: number) => [
  `basicConstraints=critical,CA:true,pathlen:${pathLength}`,
  ...caExtensions.slice(1),
]

test.each([
  ['PKCS#8', (key: string) => openssl(['pkcs8', '-topk8', ...passphrase], key)],
  ['PKCS#1', (key: string) => openssl(['rsa', '-traditional', '-aes128', ...passphrase], key)],
])('rejects an encrypted key in %s and shows how to decrypt it', (_, encrypt) => {
  const key = rsa()
  expect(read(makeCertificate({key}), encrypt(key))).toThrow(
    expect.objectContaining({
      exit: 2,
      problems: [
        {
          message: expect.stringMatching(/^org-key\.pem is encrypted/),
          hints: [expect.stringContaining('openssl pkey -in org-key.pem -out')],
        },
      ],
    }),
  )
})

test.each([
  ['RSA with 1024 bits', ['genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:1024'], /is RSA with 1024 bits/],
  [
    'another curve',
    ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:secp256k1'],
    /uses the curve secp256k1/,
  ],
  ['Ed25519', ['genpkey', '-algorithm', 'ed25519'], /has the type ed25519/],
  ['RSA-PSS', ['genpkey', '-algorithm', 'RSA-PSS', '-pkeyopt', 'rsa_keygen_bits:2048'], /has the type rsa-pss/],
])('rejects a key: %s', (_, args, message) => {
  const own = ecKey()
  expect(read(makeCertificate({key: own}), openssl(args))).toThrow(message)
})

test('rejects a key of another certificate', () => {
  expect(read(makeCertificate({key: ecKey()}), ecKey())).toThrow(
    'the key in org-key.pem does not match O=Example, CN=Example Root in org-cert.pem',
  )
})

test.each([
  ['nothing', ''],
  ['words', 'no key here'],
  ['a certificate', makeCertificate({key: ecKey()})],
])('rejects a key file with %s', (_, text) => {
  expect(read(makeCertificate({key: ecKey()}), text)).toThrow('org-key.pem contains no private key')
})

test('rejects a key file with two keys', () => {
  expect(read(makeCertificate({key: ecKey()}), ecKey() + ecKey())).toThrow(
    'org-key.pem contains 2 private keys; expected one',
  )
})

test('the message for a broken key contains none of its bytes', () => {
  const key = ecKey().replace(/\n[A-Za-z0-9+/]{8}/, '\nAAAAAAAA')
  const own = makeCertificate({key: ecKey()})
  expect(read(own, key)).toThrow(/^cannot read the private key in org-key\.pem$/)
})

test('rejects a certificate file that contains a key', () => {
  const key = ecKey()
  expect(read(makeCertificate({key}) + key, key)).toThrow(/^org-cert\.pem contains a private key/)
})

test('rejects an empty certificate file and a broken certificate', () => {
  const key = ecKey()
  expect(read('', key)).toThrow('org-cert.pem contains no certificate')
  const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
  expect(read(makeCertificate({key}) + broken, key)).toThrow(/^cannot read certificate 2 of org-cert\.pem/)
})

test('rejects an issuing CA without its root', () => {
  const [rootKey, key] = [ecKey(), ecKey()]
  const root = makeCertificate({key: rootKey})
  const signer = makeCertificate({key, subject: '/CN=signer', issuer: {certificate: root, key: rootKey}})
  expect(read(signer, key)).toThrow(
    'org-cert.pem contains no root: CN=signer is signed by O=Example, CN=Example Root, which is not in the file',
  )
  expect(read(signer + root, key)).not.toThrow()
})

test('rejects a root of the same name that did not sign', () => {
  const [rootKey, key] = [ecKey(), ecKey()]
  const signer = makeCertificate({
    key,
    subject: '/CN=signer',
    issuer: {certificate: makeCertificate({key: rootKey}), key: rootKey},
  })
  expect(read(signer + makeCertificate({key: ecKey()}), key)).toThrow(/^org-cert\.pem contains no root/)
})

test('rejects an unrelated certificate', () => {
  const key = ecKey()
  const stray = makeCertificate({key: ecKey(), subject: '/CN=stray'})
  expect(read(makeCertificate({key}) + stray, key)).toThrow(
    'CN=stray in org-cert.pem is not part of the chain from the key to its root',
  )
})

test.each([
  ['not a CA', ['basicConstraints=critical,CA:false']],
  ['not allowed to sign', ['basicConstraints=critical,CA:true', 'keyUsage=critical,digitalSignature']],
])('rejects a certificate that is %s', (_, extensions) => {
  const key = ecKey()
  expect(read(makeCertificate({key, extensions}), key)).toThrow('is not a CA that may sign certificates')
})

test('rejects a path length that leaves no room for the CA of a cluster', () => {
  const [rootKey, key] = [ecKey(), ecKey()]
  const below = (above: number, own: string[]) => {
    const root = makeCertificate({key: rootKey, extensions: limited(above)})
    return (
      makeCertificate({key, subject: '/CN=signer', extensions: own, issuer: {certificate: root, key: rootKey}}) + root
    )
  }
  expect(read(makeCertificate({key, extensions: limited(0)}), key)).toThrow('allows 0 CAs below it (pathlen)')
  expect(read(makeCertificate({key, extensions: limited(1)}), key)).not.toThrow()
  expect(read(below(1, caExtensions), key)).toThrow('CN=Example Root allows 1 CA below it')
  expect(read(below(2, limited(0)), key)).toThrow('CN=signer allows 0 CAs below it')
  expect(read(below(2, limited(1)), key)).not.toThrow()
})

test('rejects a certificate that is expired or not valid yet', () => {
  const key = ecKey()
  const certificate = makeCertificate({key, days: 10})
  expect(read(certificate, key, inDays(11))).toThrow(/^org-cert\.pem: O=Example, CN=Example Root expired on 2/)
  expect(read(certificate, key, inDays(-1))).toThrow(/is not valid before 2/)
})
