import {expect, test} from 'vitest'
import {expiriesOf, expiryFindings} from '../../../src/features/check/checks-expiry.ts'
import {facts, member} from '../../mesh/samples.ts'
import {rootCert} from '../../support/ground/certificates.ts'
import {checkFacts, day, inDays, now} from './samples.ts'

test('everything that expires is listed, the first to expire first', async () => {
  const base = checkFacts()
  const found = expiriesOf(
    {
      federation: {
        members: [],
        report: {
          ...base.federation.report,
          rows: [{cluster: 'east', caExpires: inDays(40)}],
          held: [
            {holder: 'east', target: 'west', leftMs: 2 * day},
            {holder: 'west', target: 'east'},
          ],
        },
      },
      certificates: [
        {
          cluster: 'west',
          rows: [
            {gateway: 'shop/web', secret: 'istio-ingress/web', expires: inDays(-3)},
            {gateway: 'shop/web', secret: 'istio-ingress/gone', expires: undefined},
          ],
          findings: [],
        },
      ],
    },
    now,
  )
  expect(found.map(({cluster, kind, name}) => `${cluster} ${kind} ${name}`)).toEqual([
    'west ingress certificate istio-ingress/web of Gateway shop/web',
    'east credential for west',
    'east cluster CA secret/cacerts',
  ])
})

test('each root certificate of a cluster is listed; an unreadable root is not', async () => {
  const pem = await rootCert()
  const roots = (servedRoot: string) =>
    expiriesOf(
      {
        federation: {
          ...checkFacts().federation,
          members: [member('east', facts('east', {servedRoot, caSecret: undefined}))],
        },
        certificates: [],
      },
      now,
    ).filter(({kind}) => kind === 'root CA')
  expect(roots(pem)).toHaveLength(1)
  expect(roots(`${pem}${pem}`)).toHaveLength(2)
  expect(roots('no certificate')).toEqual([])
})

test('what has expired is an error, and what expires soon a warning', () => {
  const expiry = (days: number) => ({cluster: 'east', kind: 'credential', name: 'for west', expires: inDays(days)})
  expect(expiryFindings([expiry(-3), expiry(5), expiry(60)], 30 * day, now)).toMatchObject([
    {level: 'error', check: 'expiry-credential', message: 'credential for west expired 3d ago'},
    {level: 'warning', check: 'expiry-credential', message: 'credential for west expires in 5d'},
  ])
})
