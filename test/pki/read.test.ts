import {X509Certificate} from 'node:crypto'
import fc from 'fast-check'
import {expect, test} from 'vitest'
import {MeshError} from '../../src/errors.ts'
import {fingerprintOf, keyFits, readCertificates, readPrivateKey, sameRoot} from '../../src/pki/read.ts'
import {propertyRuns} from '../support/property-runs.ts'
import {ecKey, keyMakers, makeCertificate, openssl} from './support.ts'

test('fields agree with those that openssl prints', () => {
  const key = ecKey()
  const pem = makeCertificate({
    key,
    subject: '/O=A/CN=B',
    extensions: [
      'basicConstraints=critical,CA:true,pathlen:300',
      'subjectAltName=DNS:a.example,URI:spiffe://x/y',
      'extendedKeyUsage=clientAuth',
    ],
  })
  const printed = (option: string) => openssl(['x509', '-noout', option, '-sha256'], pem).trim().split('=')[1]!
  const [one] = readCertificates(pem, 'f')
  expect(one).toMatchObject({
    subject: 'O=A, CN=B',
    issuer: 'O=A, CN=B',
    fingerprint: printed('-fingerprint').toLowerCase(),
    isCA: true,
    pathLength: 300,
    selfSigned: true,
    weakSignature: false,
    names: ['DNS:a.example', 'URI:spiffe://x/y'],
    extendedKeyUsage: ['1.3.6.1.5.5.7.3.2'],
  })
  expect(one!.notBefore).toEqual(new Date(printed('-startdate')))
  expect(one!.notAfter).toEqual(new Date(printed('-enddate')))
})

test('accepts text around the blocks, and Windows line ends', () => {
  const pem = `subject=a\n${makeCertificate({key: ecKey()})}\nmore\n${makeCertificate({key: ecKey()})}`
  expect(readCertificates(pem, 'f')).toHaveLength(2)
  expect(readCertificates(pem.replaceAll('\n', '\r\n'), 'f')).toHaveLength(2)
})

test('a certificate without names', () => {
  const pem = makeCertificate({key: ecKey(), subject: '/', extensions: ['basicConstraints=CA:true']})
  expect(readCertificates(pem, 'f')[0]).toMatchObject({subject: '(no name)', selfSigned: true})
})

test('control characters of a name are escaped', () => {
  const pem = makeCertificate({key: ecKey(), subject: '/CN=a\u001b[31mb'})
  expect(readCertificates(pem, 'f')[0]!.subject).toBe('CN=a\\1B[31mb')
})

test.each(Object.keys(keyMakers))('a key fits only its certificate: %s', kind => {
  const pem = keyMakers[kind]!()
  const key = readPrivateKey(pem, 'k')
  expect(keyFits(readCertificates(makeCertificate({key: pem}), 'c')[0]!, key)).toBe(true)
  expect(keyFits(readCertificates(makeCertificate({key: ecKey()}), 'c')[0]!, key)).toBe(false)
})

test('bundles with the same roots are equal, regardless of order and repetition', () => {
  const [a, b] = [makeCertificate({key: ecKey()}), makeCertificate({key: ecKey()})]
  expect(sameRoot(a, `# old\n${a.replaceAll('\n', '\r\n')}`)).toBe(true)
  expect(sameRoot(a + b, b + a + a)).toBe(true)
  expect(sameRoot(a, b)).toBe(false)
  expect(sameRoot(a, a + b)).toBe(false)
  expect(sameRoot(a + b, a)).toBe(false)
  expect(sameRoot('', '')).toBe(false)
})

test('fingerprints of a bundle', () => {
  const [a, b] = [makeCertificate({key: ecKey()}), makeCertificate({key: ecKey()})]
  const [fa, fb] = [a, b].map(pem => new X509Certificate(pem).fingerprint256.toLowerCase())
  expect(fingerprintOf(a)).toBe(fa)
  expect(fingerprintOf(a + b + a)).toBe(`${fa} + ${fb}`)
  expect(fingerprintOf('nothing')).toBe('unreadable')
})

test('a certificate whose end is no date is unreadable', () => {
  const der = Buffer.from(new X509Certificate(makeCertificate({key: ecKey()})).raw)
  // The second UTCTime (tag 0x17, 13 bytes) is the end. OpenSSL reads a letter in it without an error.
  const first = der.indexOf(Buffer.from([0x17, 0x0d]))
  der[der.indexOf(Buffer.from([0x17, 0x0d]), first + 1) + 4] = 'x'.charCodeAt(0)
  const pem = `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`
  expect(() => readCertificates(pem, 'f')).toThrow('cannot read certificate 1 of f: its validity is not a date')
})

test('broken input yields certificates or a MeshError', () => {
  const der = new X509Certificate(makeCertificate({key: ecKey()})).raw
  const pemOf = (bytes: Uint8Array) =>
    `-----BEGIN CERTIFICATE-----\n${Buffer.from(bytes).toString('base64')}\n-----END CERTIFICATE-----\n`
  const broken = fc.tuple(fc.nat(der.length - 1), fc.nat(255), fc.nat(der.length)).map(([at, byte, end]) => {
    const copy = Buffer.from(der)
    copy[at] = byte
    return pemOf(end % 3 === 0 ? copy.subarray(0, end) : copy)
  })
  fc.assert(
    fc.property(fc.oneof(broken, fc.string(), fc.uint8Array().map(pemOf)), pem => {
      try {
        expect(readCertificates(pem, 'f').length).toBeGreaterThan(0)
      } catch (error) {
        expect(error).toBeInstanceOf(MeshError)
      }
    }),
    {numRuns: propertyRuns(500)},
  )
})
