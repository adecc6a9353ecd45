import {expect, test} from 'vitest'
import {applicableChecks, generalChecks, tenantChecks} from '../../../../src/features/tenant/verify/checks.ts'
import {runChecks} from '../../../../src/findings/check.ts'
import {factsOf} from './samples.ts'

test('the checks have a fixed order', () => {
  expect(tenantChecks.map(({id}) => id).join(' ')).toBe(
    'istiod-ready revision-unique namespace-own record-agrees selects-itself apart webhooks one-injector labels-agree ambient pods proxies-synced root-cert mtls-strict resources-revised',
  )
})

test('two complete tenants have no findings', () => {
  const facts = factsOf()
  for (const tenant of facts.tenants) expect(runChecks(tenantChecks, {tenant, facts})).toEqual([])
})

test('without a ready istiod, the state of proxies is not checked', () => {
  const [tenant] = factsOf().tenants
  const idsOf = (facts = factsOf()) => applicableChecks({tenant: tenant!, facts}).map(({id}) => id)
  expect(idsOf()).not.toContain('proxies-synced')
  expect(idsOf(factsOf({proxies: new Map([[tenant!, {istiods: [], unread: []}]])}))).toContain('proxies-synced')
})

test('the control plane of the mesh has no checks of its separation', () => {
  const facts = factsOf()
  const [tenant] = facts.tenants
  expect(generalChecks({tenant: tenant!, facts}).map(({id}) => id)).toEqual([
    'istiod-ready',
    'revision-unique',
    'selects-itself',
    'webhooks',
    'one-injector',
    'pods',
    'root-cert',
  ])
})
