import type {Problem} from '../../errors.ts'
import {listField, type SpecOf, switchField} from '../../spec/field.ts'
import {tenantName} from './spec.ts'

const namespaces = listField({
  flag: 'namespaces',
  about: 'namespaces to move',
  valueName: 'NS,NS',
})

/** The flags of `mesh tenant assign`. */
export const tenantAssignFlagFields = {
  remove: switchField({flag: 'remove', about: 'take the namespaces out of the tenant'}),
}

/** All that `mesh tenant assign` can be told. */
export const tenantAssignFields = {name: tenantName, namespaces, ...tenantAssignFlagFields}

export type TenantAssign = SpecOf<typeof tenantAssignFields>

/** What one field alone can't tell. */
export function tenantAssignProblems({name, namespaces}: TenantAssign): Problem[] {
  return name === undefined || namespaces.length === 0
    ? [
        {
          message: 'wants a tenant and at least one namespace',
          hints: ['kubectl mesh tenant assign usergroup-1 app-1 app-2'],
        },
      ]
    : []
}
