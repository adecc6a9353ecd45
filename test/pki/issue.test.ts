import {X509Certificate} from 'node:crypto'
import {globSync, readFileSync} from 'node:fs'
import {describe, expect, test} from 'vitest'
import {readAuthority} from '../../src/pki/authority.ts'
import type {CaCerts} from '../../src/pki/ca-certs.ts'
import {caData} from '../../src/pki/ca-certs.ts'
import {checkCacerts} from '../../src/pki/check-cacerts.ts'
import {readDerFields} from '../../src/pki/der.ts'
import {issueIntermediate, issueRoot} from '../../src/pki/issue.ts'
import {issue, request, textOf, verifyWorkload} from './issuing.ts'
import {authorityPem, caExtensions, ecKey, inDays, makeCertificate, openssl} from './support.ts'

test('a root with custom names, and an end after 2050', async () => {
  const now = new Date('2030-01-01T00:00:00.500Z')
  const {certificate} = await issueRoot({
    commonName: 'Meshes, all',
    organization: 'A+B',
    keyType: 'ecdsa-p256',
    now,
    days: 20_000,
  })
  expect(openssl(['x509', '-noout', '-subject', '-nameopt', 'RFC2253'], certificate)).toBe(
    'subject=CN=Meshes\\, all,O=A\\+B\n',
  )
  const {validFrom, validTo} = new X509Certificate(certificate)
  expect((Date.parse(validTo) - now.getTime() + 500) / 86_400_000).toBe(20_000)
  expect(Date.parse(validFrom)).toBeLessThan(now.getTime())
})

test.each([['#c'], ['#6162'], ['"quoted" text'], ['back\\slash'], ['Bücher, Söhne'], ['  ']])(
  'the subject of a root contains exactly %j',
  async text => {
    const names = {commonName: text, organization: text}
    const {certificate} = await issueRoot({...names, keyType: 'ecdsa-p256', now: new Date(), days: 1})
    const subject = Buffer.from(readDerFields(new X509Certificate(certificate).raw).subjectName, 'hex')
    expect(subject.toString().split(text)).toHaveLength(3)
    expect(openssl(['x509', '-noout', '-subject'], certificate)).toMatch(/^subject=/)
  },
)

test.each(['ecdsa-p256', 'rsa-4096'] as const)('a root for an existing key of type %s', async keyType => {
  const first = await issueRoot({keyType, now: new Date(), days: 1})
  const request = {keyType, key: {text: first.key, file: 'k.pem'}, now: new Date(), days: 2}
  const second = await issueRoot(request)
  expect(second.key).toBe(first.key)
  const keys = [first, second].map(({certificate}) =>
    new X509Certificate(certificate).publicKey.export({format: 'jwk'}),
  )
  expect(keys[1]).toEqual(keys[0])
  expect(new X509Certificate(second.certificate).verify(new X509Certificate(first.certificate).publicKey)).toBe(true)
  const other = keyType === 'rsa-4096' ? 'ecdsa-p256' : 'rsa-4096'
  for (const differs of [{keyType: other} as const, {key: {text: 'no key', file: 'k.pem'}}]) {
    await expect(issueRoot({...request, ...differs})).rejects.toMatchObject({
      exit: 3,
      message: `k.pem is not a private key of type ${'keyType' in differs ? other : keyType}`,
    })
  }
})

test('serial numbers are positive, unique and have 16 bytes', async () => {
  const now = new Date()
  const roots = await Promise.all(Array.from({length: 20}, () => issueRoot({keyType: 'ecdsa-p256', now, days: 1})))
  const serials = roots.map(({certificate}) => new X509Certificate(certificate).serialNumber)
  expect(new Set(serials).size).toBe(20)
  for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9A-F]{31}$/)
})

test.each([
  ['printable strings and an e-mail address', '/C=DE/O=Example Org/CN=Root/emailAddress=ca@example.com'],
  ['several values in one part', '/DC=org/DC=example/O=Example+OU=PKI/CN=Root'],
  ['other letters', '/O=Bücher & Söhne/CN=Wurzel'],
])('the issuer name has the bytes of the root name: %s', async (_, subject) => {
  const key = ecKey()
  const certificate = makeCertificate({key, subject})
  const ca = await issue(certificate, key)
  const [root, intermediate] = [certificate, ca.caCert].map(pem => readDerFields(new X509Certificate(pem).raw))
  expect(intermediate!.issuerName).toBe(root!.subjectName)
  expect(verifyWorkload(ca)).toMatch(/: OK/)
})

test('a root without a key identifier', async () => {
  const key = ecKey()
  const ca = await issue(
    makeCertificate({key, extensions: ['basicConstraints=critical,CA:true', 'subjectKeyIdentifier=none']}),
    key,
  )
  expect(textOf(ca.caCert)).toMatch(/Authority Key Identifier/)
  expect(checkCacerts(caData(ca), new Date())).toEqual([])
})

test('a root with a key identifier that is not a hash of its key', async () => {
  const key = ecKey()
  const ca = await issue(
    makeCertificate({key, extensions: [...caExtensions.slice(0, 2), 'subjectKeyIdentifier=01020304']}),
    key,
  )
  expect(textOf(ca.caCert)).toMatch(/Authority Key Identifier:\s+(keyid:)?01:02:03:04/)
  expect(verifyWorkload(ca)).toMatch(/: OK/)
})

test("signed by an organisation's issuing CA: the chain includes its root, and only the root is trusted", async () => {
  const [rootKey, upperKey, key] = [ecKey(), ecKey(), ecKey()]
  const root = makeCertificate({key: rootKey})
  const upper = makeCertificate({key: upperKey, subject: '/CN=upper', issuer: {certificate: root, key: rootKey}})
  const signer = makeCertificate({key, subject: '/CN=signer', issuer: {certificate: upper, key: upperKey}})
  // The order in the file does not matter.
  const ca = await issue(`${root}some words\n${signer}${upper}`, key)
  const fingerprints = (pem: string) =>
    pem.match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g)!.map(one => new X509Certificate(one).fingerprint256)
  expect(fingerprints(ca.certChain)).toEqual([ca.caCert, signer, upper, root].flatMap(fingerprints))
  expect(fingerprints(ca.rootCert)).toEqual(fingerprints(root))
  expect(verifyWorkload(ca)).toMatch(/: OK/)
  expect(checkCacerts(caData(ca), new Date())).toEqual([])
})

describe('days', () => {
  const now = new Date()
  const rooted = async (days: number) => {
    const {certificate, key} = await issueRoot({keyType: 'ecdsa-p256', now, days})
    return readAuthority(authorityPem(certificate, key), now)
  }
  const endOf = (ca: CaCerts) =>
    Math.round((Date.parse(new X509Certificate(ca.caCert).validTo) - now.getTime()) / 86_400_000)

  test('the default is a year, or less if the root ends sooner; a request may use all of its validity', async () => {
    const [long, short] = [await rooted(3650), await rooted(30)]
    expect(endOf(await issueIntermediate({...request, now, authority: long}))).toBe(365)
    expect(endOf(await issueIntermediate({...request, now, authority: short}))).toBe(30)
    expect(endOf(await issueIntermediate({...request, now, authority: short, days: 30}))).toBe(30)
  })

  test('a request beyond the end of the root is rejected, with the maximum', async () => {
    const authority = await rooted(30)
    await expect(issueIntermediate({...request, now, authority, days: 31})).rejects.toMatchObject({
      exit: 2,
      problems: [
        {
          message: expect.stringMatching(/^31 days would exceed the validity of O=Istio, CN=Root CA, which ends on 2/),
          hints: ['use at most --days 30'],
        },
      ],
    })
  })

  test.each([0, -1, 1.5, Number.NaN, 36_501])('%d days are rejected', async days => {
    await expect(issueRoot({keyType: 'ecdsa-p256', now, days})).rejects.toMatchObject({exit: 2})
    await expect(issueIntermediate({...request, now, authority: await rooted(30), days})).rejects.toMatchObject({
      exit: 2,
    })
  })
})

test('validity starts in the past to tolerate late clocks, but not before that of the root', async () => {
  const now = new Date()
  const own = await issueRoot({keyType: 'ecdsa-p256', now, days: 30})
  const ahead = Date.parse(new X509Certificate((await issue(own.certificate, own.key, now)).caCert).validFrom)
  expect(now.getTime() - ahead).toBeGreaterThan(60_000)
  const key = ecKey()
  const certificate = makeCertificate({key})
  const ca = await issue(certificate, key, inDays(0.001))
  expect(new X509Certificate(ca.caCert).validFrom).toBe(new X509Certificate(certificate).validFrom)
})

test('every CA has a different key', async () => {
  const now = new Date()
  const root = await issueRoot({keyType: 'ecdsa-p256', now, days: 30})
  const [one, two] = [await issue(root.certificate, root.key), await issue(root.certificate, root.key)]
  expect(one.caKey).not.toBe(two.caKey)
})

test('only issue.ts and request.ts load the library, and they are imported dynamically', () => {
  const importers = (module: RegExp) =>
    globSync('src/**/*.ts')
      .filter(file => module.test(readFileSync(file, 'utf8')))
      .sort()
  const loaders = ['src/pki/issue.ts', 'src/pki/request.ts']
  expect(importers(/['"](reflect-metadata|@peculiar\/x509)['"]/)).toEqual(loaders)
  expect(
    importers(/^import (?!type )[^\n]*pki\/(issue|request)\.ts|^import (?!type )[^\n]*\.{1,2}\/issue\.ts/m),
  ).toEqual([
    // It is loaded dynamically itself.
    'src/pki/request.ts',
  ])
})
