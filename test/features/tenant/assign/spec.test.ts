import {expect, test} from 'vitest'
import {tenantAssignFields, validateTenantAssign} from '../../../../src/features/tenant/assign/spec.ts'
import {readSpec} from '../../../../src/spec/read.ts'

test('an assignment requires a tenant and a namespace', () => {
  const read = (raw: object) => readSpec(tenantAssignFields, raw, validateTenantAssign)
  expect(() => read({name: 'a'})).toThrow('at least one namespace')
  expect(() => read({namespaces: ['app-1']})).toThrow('a tenant')
  expect(read({name: 'a', namespaces: ['app-1']})).toEqual({name: 'a', namespaces: ['app-1'], remove: false})
})

test('names of tenants and namespaces are DNS labels, so that neither is taken for a flag', () => {
  const read = (raw: object) => readSpec(tenantAssignFields, raw, validateTenantAssign)
  expect(() => read({name: '--yes', namespaces: ['app-1']})).toThrow('NAME --yes is not a DNS label')
  expect(() => read({name: 'a', namespaces: ['-x']})).toThrow('NAMESPACES -x is not a DNS label')
})
