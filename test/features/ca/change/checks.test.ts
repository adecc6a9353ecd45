import {describe, expect, test} from 'vitest'
import {type CheckedMember, caChangeChecks} from '../../../../src/features/ca/change/checks.ts'
import {runChecks} from '../../../../src/findings/check.ts'
import {controlPlane} from '../../../mesh/samples.ts'
import {certificateOf, member, sampleRoot} from './samples-ca.ts'

const root = await sampleRoot()
const ca = await root.issue('east')
const findings = (one: CheckedMember) =>
  runChecks(caChangeChecks, {members: [one], folder: 'mesh-ca', roots: [root.certificate]})

test('nothing is found where istiod signs with the CA of the folder', () => {
  const signers = [{pod: 'istiod-1', served: root.certificate.x509}]
  expect(findings(member(ca))).toEqual([])
  // The root stands for a certificate that another CA has signed.
  expect(findings(member(ca, {signers}))).toMatchObject([
    {
      check: 'ca-used',
      cluster: 'east',
      message: 'istiod istiod-1 signs with another CA than the one in cacerts',
      hints: [
        expect.stringContaining('kubectl --context east -n istio-system rollout restart deployment -l app=istiod'),
      ],
    },
  ])
})

test('a certificate that cannot be read is no proof', () => {
  expect(findings(member(ca, {signers: [{pod: 'istiod-1', served: 'forbidden'}]}))).toMatchObject([
    {check: 'ca-used', message: 'the certificate of istiod istiod-1 cannot be read: forbidden'},
  ])
})

describe('a CA that is not ours stays', () => {
  test('of another root', async () => {
    const other = await (await sampleRoot('Other')).issue('east')
    expect(findings(member(other))).toMatchObject([
      {
        check: 'ca-of-folder',
        message: expect.stringMatching(/^the CA in cacerts does not belong to the root in mesh-ca: /),
      },
    ])
  })

  test.each<[string, Partial<CheckedMember>, RegExp]>([
    ['no istiod', {controlPlane: undefined}, /^no istiod of this revision in namespace istio-system$/],
    [
      'another CA',
      {controlPlane: controlPlane('east', {externalCa: 'ENABLE_CA_SERVER=false'})},
      /ENABLE_CA_SERVER=false/,
    ],
    ['no Secret', {data: undefined}, /^Secret cacerts does not exist$/],
    ['the keys of cert-manager', {data: {'tls.crt': 'x'}}, /keys of a TLS Secret/],
    ['an unreadable certificate', {data: {'ca-cert.pem': 'x'}}, /no readable ca-cert\.pem$/],
  ])('%s', (_about, more, message) => {
    const found = findings(member(ca, more))
    expect(found).toMatchObject([{check: 'ca-plugged-in', message: expect.stringMatching(message)}])
    expect(found[0]!.hints).not.toEqual([])
  })
})

test('the sample is a CA of the root', () => {
  expect(certificateOf(ca).x509.verify(root.certificate.publicKey)).toBe(true)
})
