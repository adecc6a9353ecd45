import {expect, test} from 'vitest'
import {tenantChecks} from '../../../../src/features/tenant/verify/checks.ts'
import {runChecks} from '../../../../src/findings/check.ts'
import {factsOf} from './samples.ts'

test('the checks have a fixed order', () => {
  expect(tenantChecks.map(({id}) => id).join(' ')).toBe(
    'istiod-ready revision-unique namespace-own record-agrees selects-itself apart webhooks one-injector labels-agree pods root-cert mtls-strict resources-revised',
  )
})

test('two complete tenants have no findings', () => {
  const facts = factsOf()
  for (const tenant of facts.tenants) expect(runChecks(tenantChecks, {tenant, facts})).toEqual([])
})
