import {expect, test} from 'vitest'
import {renewalOf} from '../../../../src/features/ca/renew/choose.ts'
import {inDays} from '../../../pki/support.ts'
import {certificateOf, member, sampleRoot} from '../change/samples-ca.ts'

const root = await sampleRoot()
const day = 86_400_000
const [current, newer] = await Promise.all([root.issue('east', new Date(), 20), root.issue('east', inDays(1), 365)])
const choose = (stored: typeof current | undefined, days: number) =>
  renewalOf(member(current), stored, {expiresWithin: days * day, now: new Date()})

test('a CA that expires within the time is issued again', () => {
  expect(choose(current, 30)).toMatchObject({action: 'issue'})
  expect(choose(undefined, 30)).toMatchObject({action: 'issue'})
  expect(choose(current, 10)).toMatchObject({action: 'keep'})
})

test('a newer CA of the folder is installed, an older one is not', () => {
  expect(choose(newer, 10)).toMatchObject({action: 'install', newer: certificateOf(newer)})
  expect(renewalOf(member(newer), current, {expiresWithin: 30 * day, now: new Date()})).toMatchObject({action: 'keep'})
})
