import {X509Certificate} from 'node:crypto'
import fc from 'fast-check'
import {expect, test} from 'vitest'
import {readDerFields} from '../../src/pki/der.ts'
import {caExtensions, ecKey, makeCertificate} from './support.ts'

const derOf = (pem: string) => new X509Certificate(pem).raw

test.each([undefined, 0, 300])('path length: %s', pathLength => {
  const constraints = `basicConstraints=critical,CA:true${pathLength === undefined ? '' : `,pathlen:${pathLength}`}`
  const der = derOf(makeCertificate({key: ecKey(), extensions: [constraints]}))
  expect(readDerFields(der).pathLength).toBe(pathLength)
})

test('names, signature algorithm and key identifier', () => {
  const extensions = [...caExtensions.slice(0, 2), 'subjectKeyIdentifier=01020304']
  const fields = readDerFields(derOf(makeCertificate({key: ecKey(), subject: '/CN=a', extensions})))
  expect(fields).toEqual({
    issuerName: fields.subjectName,
    // SEQUENCE, SET, SEQUENCE, OID 2.5.4.3, the text "a"
    subjectName: expect.stringMatching(/^300c310a30080603550403..0161$/),
    // ecdsa-with-SHA256
    signatureAlgorithm: '2a8648ce3d040302',
    pathLength: undefined,
    keyId: '01020304',
  })
})

test('broken DER throws an error', () => {
  fc.assert(
    fc.property(fc.uint8Array({maxLength: 200}), bytes => {
      expect(() => readDerFields(Buffer.from(bytes))).toThrow(/^DER /)
    }),
    {numRuns: 2000},
  )
})
