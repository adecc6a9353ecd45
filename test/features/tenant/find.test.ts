import {expect, test} from 'vitest'
import {findProvedTenant, findTenant} from '../../../src/features/tenant/find.ts'
import {tenantOf} from './samples.ts'

const cluster = {context: 'east'} as never
const forged = tenantOf('a', {namespace: 'team-a', proved: false})
const record = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {name: 'kubectl-mesh-tenant', namespace: 'team-a'},
  data: {tenant: 'b', revision: 'b', selector: 'kubernetes.io/metadata.name=victim'},
}

test('commands that read find every control plane; those that write need a proof', () => {
  const facts = {cluster, tenants: [forged], unprovedRecords: []}
  expect(findTenant(facts, 'a')).toBe(forged)
  expect(() => findProvedTenant(facts, 'a')).toThrow(
    'namespace team-a contains a control plane of a, but no cluster-wide',
  )
})

test('a forged control plane or record does not make the name of a tenant ambiguous', () => {
  const tenants = [tenantOf('a'), forged]
  const unprovedRecords = [{...record, data: {...record.data, tenant: 'a'}}]
  expect(findProvedTenant({cluster, tenants, unprovedRecords}, 'a')).toBe(tenants[0])
})

test('a record that nothing proves is no tenant', () => {
  const facts = {cluster, tenants: [tenantOf('a')], unprovedRecords: [record]}
  for (const name of ['b', 'team-a'])
    expect(() => findProvedTenant(facts, name)).toThrow(
      `namespace team-a contains a record of ${name}, but no cluster-wide`,
    )
  expect(() => findProvedTenant(facts, 'c')).toThrow('there is no tenant c')
})
