import {expect, test} from 'vitest'
import {readCertificates} from '../../src/pki/read.ts'
import {allowsServerAuth, formatDate, verifyChain} from '../../src/pki/verify.ts'
import {ecKey, makeCertificate} from './support.ts'

const keys = {root: ecKey(), own: ecKey()}
const rootPem = makeCertificate({key: keys.root, subject: '/CN=root'})
const [root] = readCertificates(rootPem, 'root')
const [own] = readCertificates(
  makeCertificate({key: keys.own, subject: '/CN=own', issuer: {certificate: rootPem, key: keys.root}}),
  'own',
)

test('a chain leads to a root, or the problem is named', () => {
  expect(verifyChain(own!, {intermediates: [], roots: [root!], now: new Date()})).toBeUndefined()
  expect(verifyChain(own!, {intermediates: [], roots: [], now: undefined})).toBe(
    'CN=own is signed by CN=root, which is neither in the chain nor a root',
  )
  expect(verifyChain(own!, {intermediates: [root!], roots: [], now: undefined})).toBe(
    'CN=root is self-signed, but not one of the roots',
  )
})

test('a trusted certificate need not be self-signed', () => {
  expect(verifyChain(own!, {intermediates: [], roots: [own!], now: undefined})).toBeUndefined()
})

test.each([
  [undefined, true],
  [['1.3.6.1.5.5.7.3.1'], true],
  [['2.5.29.37.0'], true],
  [['1.3.6.1.5.5.7.3.2'], false],
])('extended key usage %j', (extendedKeyUsage, expected) => {
  expect(allowsServerAuth({extendedKeyUsage})).toBe(expected)
})

test('dates have whole seconds', () => {
  expect(formatDate(new Date(0))).toBe('1970-01-01T00:00:00Z')
})
