import {expect, test} from 'vitest'
import {joinedChecks} from '../../../../src/features/federate/joined/checks.ts'
import {federationChecks} from '../../../../src/features/federate/preflight/checks.ts'
import {verifyChecks} from '../../../../src/features/federate/verify/checks.ts'

test('all IDs differ, and federate verify makes each', () => {
  const ids = joinedChecks.map(({id}) => id)
  expect(new Set([...ids, ...federationChecks.map(({id}) => id)]).size).toBe(ids.length + federationChecks.length)
  const verified = new Set(verifyChecks.map(({id}) => id))
  expect(joinedChecks.filter(({id, lasting}) => !lasting && !verified.has(id))).toEqual([])
})
