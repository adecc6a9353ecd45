import {createPrivateKey, X509Certificate} from 'node:crypto'
import {expect, test} from 'vitest'
import {MeshError} from '../../src/errors.ts'
import {pemOf} from '../../src/pki/pem-of.ts'
import {ecKey, makeCertificate} from './support.ts'

function hintFor(bytes: Buffer, expected: 'certificate' | 'key'): string | undefined {
  try {
    pemOf({name: 'my file', bytes}, expected)
    return undefined
  } catch (error) {
    if (!(error instanceof MeshError)) throw error
    expect(error).toMatchObject({exit: 2, message: 'my file is binary (DER); expected PEM'})
    return error.problems[0]!.hints![0]
  }
}

const key = ecKey()
const sequence = Buffer.from([0x30, 0x03, 0x02, 0x01, 0x03])

test.each([
  [
    'a certificate',
    new X509Certificate(makeCertificate({key})).raw,
    'certificate',
    /^openssl x509 -inform der -in 'my/,
  ],
  ['a key', createPrivateKey(key).export({type: 'pkcs8', format: 'der'}), 'key', /openssl pkey -inform der/],
  ['another SEQUENCE for a certificate', sequence, 'certificate', /PKCS#12: openssl pkcs12 -nokeys/],
  ['another SEQUENCE for a key', sequence, 'key', /PKCS#12: \(umask 077; openssl pkcs12 -nocerts/],
] as const)('shows how to convert %s', (_name, bytes, expected, hint) => {
  expect(hintFor(bytes, expected)).toMatch(hint)
})

test.each(['', 'text', '0 at the beginning\n-----BEGIN CERTIFICATE-----'])('returns the text %j', text => {
  expect(pemOf({name: 'f', bytes: Buffer.from(text)}, 'certificate')).toBe(text)
})
