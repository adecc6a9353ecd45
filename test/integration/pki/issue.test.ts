import {describe, expect, test} from 'vitest'
import {readAuthority} from '../../../src/pki/authority.ts'
import {caData} from '../../../src/pki/ca-certs.ts'
import {checkCacerts} from '../../../src/pki/check-cacerts.ts'
import {issueIntermediate, issueRoot} from '../../../src/pki/issue.ts'
import {issue, request, textOf, verifyWorkload} from '../../pki/issuing.ts'
import {authorityPem, keyMakers, makeCertificate, openssl} from '../../pki/support.ts'

describe.each(['ecdsa-p256', 'rsa-4096'] as const)('%s', keyType => {
  test('openssl verifies the root, the CA of a cluster and a workload certificate', async () => {
    const now = new Date()
    const root = await issueRoot({keyType, now, days: 3650})
    const authority = readAuthority(authorityPem(root.certificate, root.key), now)
    const ca = await issueIntermediate({...request, keyType, now, authority, systemNamespace: 'mesh-a'})
    expect(verifyWorkload(ca)).toMatch(/: OK/)
    expect(checkCacerts(caData(ca), now)).toEqual([])
    const rootText = textOf(root.certificate)
    expect(rootText).toMatch(/Subject: O = Istio, CN = Root CA/)
    expect(rootText).toMatch(/Basic Constraints: critical\s+CA:TRUE\n/)
    expect(rootText).toMatch(/Key Usage: critical\s+Digital Signature, Certificate Sign, CRL Sign/)
    const text = textOf(ca.caCert)
    expect(text).toMatch(/Subject: O = Istio, CN = Intermediate CA, L = east/)
    expect(text).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:0/)
    expect(text).toMatch(/Key Usage: critical\s+Digital Signature, Certificate Sign, CRL Sign/)
    expect(text).toMatch(/Subject Alternative Name:\s+DNS:istiod\.mesh-a\.svc\n/)
    expect(text).not.toMatch(/Extended Key Usage/)
    expect(text).toMatch(keyType === 'rsa-4096' ? /Public-Key: \(4096 bit\)/ : /NIST CURVE: P-256/)
    expect(/Authority Key Identifier:\s+(\S+)/.exec(text)?.[1]).toBe(
      /Subject Key Identifier:\s+(\S+)/.exec(rootText)?.[1],
    )
    expect(openssl(['pkey', '-noout', '-check'], ca.caKey)).toMatch(/valid/)
    expect(ca.caKey).toMatch(/^-----BEGIN PRIVATE KEY-----\n/)
  })
})

test.each(Object.keys(keyMakers))("signed by an organisation's root with a key: %s", async kind => {
  const key = keyMakers[kind]!()
  const ca = await issue(makeCertificate({key}), key)
  expect(verifyWorkload(ca)).toMatch(/: OK/)
  expect(checkCacerts(caData(ca), new Date())).toEqual([])
})
