import type {Problem} from '../../../errors.ts'
import {listField, type SpecOf, switchField} from '../../../spec/field.ts'
import {dnsLabel} from '../../../spec/texts.ts'
import {tenantName} from '../spec-names.ts'

/** The fields of `mesh tenant remove`. */
export const tenantRemoveFields = {
  name: tenantName,
  deleteNamespaces: switchField({
    flag: 'delete-namespaces',
    about: 'also delete the application namespaces that kubectl-mesh created, if they contain nothing else',
  }),
  deleteContentOf: listField({
    flag: 'delete-content-of',
    about: 'namespaces to delete with everything in them, among those that kubectl-mesh created for the tenant',
    valueName: 'NS,NS',
    check: dnsLabel,
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
