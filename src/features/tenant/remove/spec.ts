import type {Problem} from '../../../errors.ts'
import {type SpecOf, switchField} from '../../../spec/field.ts'
import {tenantName} from '../spec.ts'

/** The flags of `mesh tenant remove`. */
export const tenantRemoveFlagFields = {
  deleteNamespaces: switchField({
    flag: 'delete-namespaces',
    about: 'also delete its application namespaces, with all that is in them',
  }),
  force: switchField({
    flag: 'force',
    about: 'go on although pods with its sidecars still run: they lose their control plane',
  }),
}

/** All that `mesh tenant remove` can be told. */
export const tenantRemoveFields = {name: tenantName, ...tenantRemoveFlagFields}

export type TenantRemove = SpecOf<typeof tenantRemoveFields>

/** What one field alone can't tell. */
export function tenantRemoveProblems({name}: TenantRemove): Problem[] {
  return name === undefined ? [{message: 'NAME is missing: which tenant?', hints: ['kubectl mesh tenant list']}] : []
}
