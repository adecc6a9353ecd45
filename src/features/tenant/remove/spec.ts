import type {Problem} from '../../../errors.ts'
import {type SpecOf, switchField} from '../../../spec/field.ts'
import {tenantName} from '../spec-names.ts'

/** The fields of `mesh tenant remove`. */
export const tenantRemoveFields = {
  name: tenantName,
  deleteNamespaces: switchField({
    flag: 'delete-namespaces',
    about: 'also delete the application namespaces and everything in them',
  }),
  force: switchField({
    flag: 'force',
    about: "remove the control plane even if pods with the tenant's sidecars run",
  }),
}

/** The Spec of `mesh tenant remove`. */
export type TenantRemove = SpecOf<typeof tenantRemoveFields>

/** Cross-field validation. */
export function validateTenantRemove({name}: TenantRemove): Problem[] {
  return name === undefined
    ? [{message: 'NAME is missing: name of the tenant', hints: ['kubectl mesh tenant list']}]
    : []
}
