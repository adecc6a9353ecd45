import {expect, test} from 'vitest'
import {inspectServer} from '../../src/pki/server.ts'
import {caExtensions, ecKey, keyMakers, makeCertificate, openssl} from './support.ts'

const host = 'shop.example.com'
const names = (...all: string[]) => `subjectAltName=${all.map(name => `DNS:${name}`).join(',')}`
const now = new Date()
const days = (count: number) => new Date(now.getTime() + count * 86_400_000)
const caKey = ecKey()
const ca = makeCertificate({key: caKey, subject: '/CN=Root', extensions: caExtensions})
const middleKey = ecKey()
const middle = makeCertificate({
  key: middleKey,
  subject: '/CN=Middle',
  extensions: caExtensions,
  issuer: {certificate: ca, key: caKey},
})
const renamed = makeCertificate({
  key: middleKey,
  subject: '/CN=Renamed',
  extensions: caExtensions,
  issuer: {certificate: ca, key: caKey},
})
const key = ecKey()
const leaf = makeCertificate({
  key,
  subject: '/CN=leaf',
  extensions: [names(host, '*.wild.example.com')],
  days: 90,
  issuer: {certificate: middle, key: middleKey},
})

interface Given {
  cert?: string | Buffer
  key?: string | Buffer
  ca?: string
  hosts?: string[]
  now?: Date
}

function inspect(given: Given = {}): string[] {
  const named = (name: string, bytes: string | Buffer) => ({name, bytes: Buffer.from(bytes)})
  const files = {
    cert: named('cert.pem', given.cert ?? leaf + middle),
    key: named('key.pem', given.key ?? key),
    ca: given.ca === undefined ? undefined : named('ca.pem', given.ca),
  }
  const {problems} = inspectServer(files, given.hosts ?? [host], given.now ?? new Date())
  const text = problems.map(({level, message, hints = []}) => `${level}: ${message} | ${hints.join(' ')}`)
  const secret = String(given.key ?? key).match(/[A-Za-z0-9+/]{40,}/)?.[0] ?? 'none'
  expect(text.join()).not.toContain(secret)
  return text
}

test('accepts an ordered chain with its hosts and its key', {timeout: 60_000}, () => {
  expect(inspect()).toEqual([])
  expect(inspect({hosts: [host, 'a.wild.example.com', '*.wild.example.com'], ca})).toEqual([])
  for (const make of Object.values(keyMakers)) {
    const own = make()
    const cert = makeCertificate({key: own, subject: '/CN=x', extensions: [names(host)], days: 90})
    expect(inspect({cert, key: own})).toEqual([])
  }
})

const rsa1024 = openssl(['genrsa', '1024'])
const ed25519 = openssl(['genpkey', '-algorithm', 'ED25519'])
const selfSigned = (own: string, more: object = {}) =>
  makeCertificate({key: own, subject: '/CN=x', extensions: [names(host)], days: 90, ...more})
const derOf = (pem: string) => Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64')

test.each<[string, Given, RegExp]>([
  ['the wrong order', {cert: middle + leaf}, /certificate 2 \(CN=leaf\) did not sign certificate 1/],
  ['the key of another certificate in the chain', {cert: middle + leaf}, /matches certificate 2, CN=leaf/],
  ['a foreign intermediate', {cert: leaf + ca}, /\(CN=Root\) did not sign certificate 1/],
  [
    'an intermediate of another name with the same key',
    {cert: leaf + renamed},
    /\(CN=Renamed\) did not sign certificate 1/,
  ],
  ['another key', {key: ecKey()}, /the key in key.pem does not match CN=leaf in cert.pem/],
  ['an expired certificate', {now: days(91)}, /^error: CN=leaf expired on/],
  ['a certificate that expires soon', {now: days(61)}, /^warning: CN=leaf expires in 2\d days/],
  ['a certificate that is not valid yet', {now: days(-2)}, /CN=leaf is not valid before/],
  [
    'another host',
    {hosts: ['other.example.com']},
    /CN=leaf is not valid for other.example.com \| it is valid for shop.example.com/,
  ],
  ['a wildcard that the certificate lacks', {hosts: ['*.example.com']}, /not valid for \*\.example\.com/],
  ['two labels under a wildcard', {hosts: ['a.b.wild.example.com']}, /not valid for a\.b\.wild/],
  [
    'a host only in the common name',
    {cert: selfSigned(key, {subject: `/CN=${host}`, extensions: ['basicConstraints=CA:false']})},
    /clients ignore its common name/,
  ],
  ['RSA 1024', {cert: selfSigned(rsa1024), key: rsa1024}, /an RSA key with 1024 bits/],
  ['Ed25519', {cert: selfSigned(ed25519), key: ed25519}, /a key of type ed25519/],
  ['SHA-1', {cert: selfSigned(key, {digest: 'sha1'})}, /signed with SHA-1/],
  [
    'a certificate only for clients',
    {cert: selfSigned(key, {extensions: [names(host), 'extendedKeyUsage=clientAuth']})},
    /without server auth/,
  ],
  ['a DER certificate', {cert: derOf(leaf)}, /cert.pem is binary \(DER\).*openssl x509 -inform der -in cert.pem/],
  ['a DER key', {key: derOf(key)}, /key.pem is binary \(DER\).*umask 077; openssl pkey -inform der/],
  ['an encrypted key', {key: openssl(['pkey', '-aes256', '-passout', 'pass:x'], key)}, /key.pem is encrypted/],
  ['several keys', {key: key + ecKey()}, /2 private keys; expected one/],
  ['no key', {key: 'x'}, /no private key/],
  ['no certificate', {cert: 'x'}, /cert.pem contains no certificate/],
  ['a client CA that is not a CA', {ca: leaf}, /ca.pem: CN=leaf is not a CA/],
])('reports %s', (_name, given, message) => {
  expect(
    inspect(given).some(text => message.test(text)),
    inspect(given).join('\n'),
  ).toBe(true)
})

test('reports every problem at once', () => {
  const found = inspect({cert: derOf(leaf), key: 'x', ca: leaf})
  expect(found).toHaveLength(3)
})
