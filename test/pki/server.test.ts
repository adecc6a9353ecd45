import {expect, test} from 'vitest'
import {lookAtServer} from '../../src/pki/server.ts'
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

function look(given: Given = {}): string[] {
  const named = (name: string, bytes: string | Buffer) => ({name, bytes: Buffer.from(bytes)})
  const files = {
    cert: named('cert.pem', given.cert ?? leaf + middle),
    key: named('key.pem', given.key ?? key),
    ca: given.ca === undefined ? undefined : named('ca.pem', given.ca),
  }
  const {problems} = lookAtServer(files, given.hosts ?? [host], given.now ?? new Date())
  const text = problems.map(({level, message, hints = []}) => `${level}: ${message} | ${hints.join(' ')}`)
  const secret = String(given.key ?? key).match(/[A-Za-z0-9+/]{40,}/)?.[0] ?? 'none'
  expect(text.join()).not.toContain(secret)
  return text
}

test('a chain in order, for its hosts and with its key, is fine', {timeout: 60_000}, () => {
  expect(look()).toEqual([])
  expect(look({hosts: [host, 'a.wild.example.com', '*.wild.example.com'], ca})).toEqual([])
  for (const make of Object.values(keyMakers)) {
    const own = make()
    const cert = makeCertificate({key: own, subject: '/CN=x', extensions: [names(host)], days: 90})
    expect(look({cert, key: own})).toEqual([])
  }
})

const rsa1024 = openssl(['genrsa', '1024'])
const ed25519 = openssl(['genpkey', '-algorithm', 'ED25519'])
const selfSigned = (own: string, more: object = {}) =>
  makeCertificate({key: own, subject: '/CN=x', extensions: [names(host)], days: 90, ...more})
const derOf = (pem: string) => Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64')

test.each<[string, Given, RegExp]>([
  ['the wrong order', {cert: middle + leaf}, /certificate 2 \(CN=leaf\) did not sign certificate 1/],
  ['the key of another place in the chain', {cert: middle + leaf}, /that of certificate 2, CN=leaf/],
  ['a foreign intermediate', {cert: leaf + ca}, /\(CN=Root\) did not sign certificate 1/],
  [
    'an intermediate of another name with the same key',
    {cert: leaf + renamed},
    /\(CN=Renamed\) did not sign certificate 1/,
  ],
  ['another key', {key: ecKey()}, /the key in key.pem is not that of CN=leaf in cert.pem/],
  ['the end reached', {now: days(91)}, /^error: CN=leaf expired on/],
  ['the end near', {now: days(61)}, /^warning: CN=leaf expires in 2\d days/],
  ['not yet', {now: days(-2)}, /CN=leaf is not valid before/],
  [
    'another host',
    {hosts: ['other.example.com']},
    /CN=leaf is not for other.example.com \| it is for shop.example.com/,
  ],
  ['a wildcard that is not there', {hosts: ['*.example.com']}, /not for \*\.example\.com/],
  ['two labels under a wildcard', {hosts: ['a.b.wild.example.com']}, /not for a\.b\.wild/],
  [
    'a name in CN alone',
    {cert: selfSigned(key, {subject: `/CN=${host}`, extensions: ['basicConstraints=CA:false']})},
    /no longer read its CN/,
  ],
  ['RSA 1024', {cert: selfSigned(rsa1024), key: rsa1024}, /an RSA key of 1024 bits/],
  ['Ed25519', {cert: selfSigned(ed25519), key: ed25519}, /a key of type ed25519/],
  ['SHA-1', {cert: selfSigned(key, {digest: 'sha1'})}, /signed over SHA-1/],
  [
    'for clients only',
    {cert: selfSigned(key, {extensions: [names(host), 'extendedKeyUsage=clientAuth']})},
    /without server auth/,
  ],
  ['a DER certificate', {cert: derOf(leaf)}, /cert.pem is binary \(DER\).*openssl x509 -inform der -in cert.pem/],
  ['a DER key', {key: derOf(key)}, /key.pem is binary \(DER\).*umask 077; openssl pkey -inform der/],
  ['an encrypted key', {key: openssl(['pkey', '-aes256', '-passout', 'pass:x'], key)}, /key.pem is encrypted/],
  ['several keys', {key: key + ecKey()}, /2 private keys, want one/],
  ['no key', {key: 'x'}, /no private key/],
  ['no certificate', {cert: 'x'}, /cert.pem holds no certificate/],
  ['a CA of clients that is none', {ca: leaf}, /ca.pem: CN=leaf is no CA/],
])('tells %s', (_name, given, message) => {
  expect(
    look(given).some(text => message.test(text)),
    look(given).join('\n'),
  ).toBe(true)
})

test('all of it at once', () => {
  const found = look({cert: derOf(leaf), key: 'x', ca: leaf})
  expect(found).toHaveLength(3)
})
