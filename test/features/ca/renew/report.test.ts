import {expect, test} from 'vitest'
import {renewalOf} from '../../../../src/features/ca/renew/choose.ts'
import {formatRenewals} from '../../../../src/features/ca/renew/report.ts'
import {inDays} from '../../../pki/support.ts'
import {member, sampleRoot} from '../change/samples-ca.ts'

test('one row per cluster, with what changes', async () => {
  const root = await sampleRoot()
  const [old, newer] = await Promise.all([root.issue('a', new Date(), 10), root.issue('a', inDays(1))])
  const now = new Date()
  const scope = {expiresWithin: 30 * 86_400_000, now}
  const renewals = [
    renewalOf(member(old, {name: 'east'}), old, scope),
    renewalOf(member(old, {name: 'west'}), newer, scope),
    renewalOf(member(newer, {name: 'north'}), newer, scope),
  ]
  const text = formatRenewals(renewals, 'mesh-a', now)
  expect(text).toMatch(/^CLUSTER +EXPIRES +CHANGE/)
  expect(text).toMatch(
    /^east +in (9|10)d.* +issue a CA below the same root, then Secret mesh-a\/cacerts: ca-cert\.pem,/m,
  )
  expect(text).toMatch(/^west +in (9|10)d.* +Secret mesh-a\/cacerts: the newer CA of the folder, valid until \d{4}-/m)
  expect(text).toMatch(/^north +in 36\dd.* +none$/m)
})
