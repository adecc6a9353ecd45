import {expect, test} from 'vitest'
import {statusChecks, subjectChecks} from '../../../../src/features/federate/status/checks.ts'

test('status runs no checks of what follows, and lists each check once', () => {
  expect(subjectChecks.filter(({beforeWrite}) => beforeWrite)).toEqual([])
  const ids = statusChecks.map(({id}) => id)
  expect(ids).toContain('lost-cluster')
  expect(ids).toContain('gateway-address')
})
