import {expect, test} from 'vitest'
import {renewalChecks} from '../../../../src/features/ca/renew/checks.ts'
import {renewalOf} from '../../../../src/features/ca/renew/choose.ts'
import {runChecks} from '../../../../src/findings/check.ts'
import {inDays} from '../../../pki/support.ts'
import {member, sampleRoot} from '../change/samples-ca.ts'

const now = new Date()
const scope = {expiresWithin: 30 * 86_400_000, now}

test('a CA is not renewed if its root ends at the same time', async () => {
  const root = await sampleRoot('Short', 20)
  const ca = await root.issue('east')
  const subject = {renewals: [renewalOf(member(ca), ca, scope)], roots: [root.certificate], stored: {east: ca}, now}
  expect(runChecks(renewalChecks, subject)).toMatchObject([
    {check: 'ca-root-lasts', cluster: 'east', message: expect.stringMatching(/^the root CA ends on \d{4}-.*longer$/)},
  ])
  expect(runChecks(renewalChecks, {...subject, roots: [(await sampleRoot()).certificate]})).toEqual([])
})

test('a newer CA that istiod would reject is not installed', async () => {
  const root = await sampleRoot()
  const [ca, newer] = await Promise.all([root.issue('east'), root.issue('east', inDays(1))])
  const broken = {...newer, caKey: ca.caKey}
  const renewals = [renewalOf(member(ca), broken, scope)]
  const subject = {renewals, roots: [root.certificate], stored: {east: broken}, now: inDays(2)}
  expect(runChecks(renewalChecks, subject)).toMatchObject([
    {
      check: 'ca-newer-usable',
      cluster: 'east',
      message: expect.stringContaining('ca-key.pem does not match ca-cert.pem'),
    },
  ])
  expect(runChecks(renewalChecks, {...subject, stored: {east: newer}})).toEqual([])
})
