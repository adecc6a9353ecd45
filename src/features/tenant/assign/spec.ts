import type {Problem} from '../../../errors.ts'
import {listField, type SpecOf, switchField} from '../../../spec/field.ts'
import {dnsLabel} from '../../../spec/texts.ts'
import {tenantName} from '../spec-names.ts'

/** The fields of `mesh tenant assign`. */
export const tenantAssignFields = {
  name: tenantName,
  namespaces: {
    ...listField({flag: 'namespaces', about: 'namespaces to move', valueName: 'NS', check: dnsLabel}),
    argument: true as const,
  },
  remove: switchField({flag: 'remove', about: 'remove the namespaces from the tenant'}),
}

/** The Spec of `mesh tenant assign`. */
export type TenantAssign = SpecOf<typeof tenantAssignFields>

/** Cross-field validation. */
export function validateTenantAssign({name, namespaces}: TenantAssign): Problem[] {
  if (name !== undefined && namespaces.length > 0) return []
  return [
    {
      message: 'a tenant and at least one namespace are required',
      hints: ['kubectl mesh tenant assign usergroup-1 app-1 app-2'],
    },
  ]
}
