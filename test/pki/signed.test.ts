import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {caData} from '../../src/pki/ca-certs.ts'
import {checkCacerts} from '../../src/pki/check-cacerts.ts'
import {readSigned} from '../../src/pki/signed.ts'
import {verifyWorkload} from './issuing.ts'
import {caExtensions, ecKey, makeCertificate, openssl, tempFolder} from './support.ts'

// Certificates are valid from the second in which openssl creates them.
const now = new Date(Date.now() + 60_000)
const [rootKey, issuingKey, key] = [ecKey(), ecKey(), ecKey()]
const root = makeCertificate({key: rootKey, subject: '/O=Example/CN=Root'})
const issuing = makeCertificate({key: issuingKey, subject: '/CN=Issuing', issuer: {certificate: root, key: rootKey}})
const top = {certificate: issuing, key: issuingKey}
const leaf = makeCertificate({key, subject: '/O=Istio/L=east', issuer: top})
const named = (text: string, file: string) => ({text, file})

const read = (text: string, rootText?: string, by = key) =>
  readSigned(named(text, 'east.pem'), {
    key: named(by, 'east/ca-key.pem'),
    root: rootText === undefined ? undefined : named(rootText, 'root.pem'),
    now,
    trustDomain: 'cluster.local',
  })

describe('readSigned', () => {
  test.each<[string, string, string | undefined]>([
    ['in order', leaf + issuing + root, undefined],
    ['in any order', root + issuing + leaf, undefined],
    ['without the root', issuing + leaf, root],
    ['with CAs beside the root', leaf, issuing + root],
    ['with the root in both', leaf + issuing + root, root],
    ['with texts between certificates', `Subject: x\n${leaf}\n# issuing\n${issuing}`, root],
  ])('arranges certificates %s as istiod reads them', (_about, text, rootText) => {
    const ca = read(text, rootText)
    expect([ca.caCert, ca.certChain, ca.rootCert]).toEqual([leaf, leaf + issuing + root, root])
    expect(checkCacerts(caData(ca), now)).toEqual([])
    expect(verifyWorkload(ca)).toMatch(/: OK/)
  })

  test.each<[string, RegExp | undefined]>([
    [
      'permitted;URI:example.org',
      /the name constraints of CN=Named exclude spiffe:\/\/cluster\.local\/….*permit only URIs of example\.org/,
    ],
    ['permitted;URI:.local', undefined],
    ['permitted;URI:.cluster.local', /exclude spiffe/],
    ['permitted;URI:cluster.local', undefined],
    ['permitted;URI:local', /exclude spiffe/],
    ['excluded;URI:cluster.local', /exclude spiffe/],
    ['excluded;URI:example.org', undefined],
    [
      'permitted;DNS:example.org',
      /exclude istiod\.istio-system\.svc, the name of istiod; they permit only DNS names of example\.org/,
    ],
    ['permitted;DNS:svc', undefined],
    ['permitted;email:example.org', undefined],
  ])('name constraints %s of a CA in the chain', (constraint, problem) => {
    const extensions = [...caExtensions, `nameConstraints=critical,${constraint}`]
    const named = makeCertificate({
      key: issuingKey,
      subject: '/CN=Named',
      issuer: {certificate: root, key: rootKey},
      extensions,
    })
    const below = makeCertificate({key, subject: '/O=Istio/L=east', issuer: {certificate: named, key: issuingKey}})
    if (problem) expect(() => read(below + named, root)).toThrow(problem)
    else expect(read(below + named, root).caCert).toBe(below)
  })

  test('trusts all roots of --root-cert, as during a rotation', () => {
    const other = makeCertificate({key: ecKey(), subject: '/CN=New root'})
    expect(read(leaf + issuing, root + other).rootCert).toBe(root + other)
  })

  test.each<[string, string, string | undefined, RegExp]>([
    [
      'of another key',
      makeCertificate({key: ecKey(), issuer: top}) + issuing,
      root,
      /no certificate for east\/ca-key\.pem/,
    ],
    ['that is self-signed', makeCertificate({key}), root, /is self-signed/],
    [
      'that is no CA',
      makeCertificate({key, issuer: top, extensions: ['basicConstraints=critical,CA:false']}) + issuing,
      root,
      /is not a CA that may sign certificates/,
    ],
    ['without the issuing CA', leaf, root, /is neither in east\.pem nor in root\.pem/],
    ['without any root', leaf + issuing, undefined, /CN=Issuing is signed by .*, which is not in east\.pem$/],
    [
      'of another root',
      leaf + issuing + root,
      makeCertificate({key: ecKey(), subject: '/CN=Other'}),
      /not in root\.pem/,
    ],
    ['with a file of only intermediate CAs as root', leaf + root, issuing, /root\.pem contains no self-signed root/],
    [
      'with a stray certificate',
      leaf + issuing + makeCertificate({key: ecKey(), subject: '/CN=Stray'}),
      root,
      /CN=Stray/,
    ],
    ['that expired', makeCertificate({key, issuer: top, days: -1}) + issuing, root, /expired on/],
    ['with SHA-1', makeCertificate({key, issuer: top, digest: 'sha1'}) + issuing, root, /signed with SHA-1/],
    ['beside a private key', leaf + issuing + key, root, /contains a private key/],
    ['as nonsense', 'x', root, /contains no certificate/],
  ])('rejects a certificate %s', (_about, text, rootText, message) => {
    expect(() => read(text, rootText)).toThrow(message)
  })

  test('rejects a chain that is too long for the path length of a CA above', () => {
    const extensions = ['basicConstraints=critical,CA:true,pathlen:0', ...caExtensions.slice(1)]
    const tight = makeCertificate({
      key: issuingKey,
      subject: '/CN=Tight',
      extensions,
      issuer: {certificate: root, key: rootKey},
    })
    const below = makeCertificate({key, issuer: {certificate: tight, key: issuingKey}})
    expect(() => read(below + tight, root)).toThrow(/CN=Tight allows 0 CAs below it \(pathlen\)/)
  })

  test('names the command that converts PKCS#7', () => {
    const file = join(tempFolder(), 'leaf')
    writeFileSync(file, leaf)
    const text = openssl(['crl2pkcs7', '-nocrl', '-certfile', file])
    expect(() => read(text, root)).toThrow(
      expect.objectContaining({
        problems: [
          {
            message: 'east.pem is PKCS#7; expected certificates',
            hints: [expect.stringContaining('pkcs7 -print_certs')],
          },
        ],
      }),
    )
  })
})
