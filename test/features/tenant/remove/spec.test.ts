import {expect, test} from 'vitest'
import {tenantRemoveFields, validateTenantRemove} from '../../../../src/features/tenant/remove/spec.ts'
import {readSpec} from '../../../../src/spec/read.ts'

test('a removal requires a name', () => {
  expect(() => readSpec(tenantRemoveFields, {}, validateTenantRemove)).toThrow('NAME is missing')
  expect(readSpec(tenantRemoveFields, {name: 'a'}, validateTenantRemove)).toEqual({
    name: 'a',
    deleteNamespaces: false,
    deleteContentOf: [],
    force: false,
  })
})
