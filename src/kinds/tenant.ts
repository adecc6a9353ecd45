import {tenantRemoveFields} from '../features/tenant/remove/spec.ts'
import {tenantFields, validateTenant} from '../features/tenant/spec.ts'
import {namesOf} from '../features/tenant/spec-names.ts'
import {defineKind, defineRemoval, inEachCluster, onePart} from './define.ts'

/** The kind of `mesh tenant add`. */
export const kind = defineKind('Tenant', tenantFields, {
  validate: validateTenant,
  claims: spec => {
    const {name, systemNamespace, revision} = namesOf(spec)
    const namespaces = spec.namespaces.map(namespace => `application namespace ${namespace}`)
    return [`tenant ${name}`, `system namespace ${systemNamespace}`, `revision ${revision}`, ...namespaces]
  },
  command: 'tenant add',
  after: ['ControlPlane'],
  apply: async (raw, context, run) => (await import('../features/tenant/add.ts')).addTenant(raw, context, run),
  exported: inEachCluster(async () => (await import('../features/tenant/exported/spec-documents.ts')).tenantDocuments),
  removal: defineRemoval({
    command: 'tenant remove',
    fields: tenantRemoveFields,
    partsOf: onePart('name'),
    rawOf: ({name}) => ({name}),
    remove: async (raw, context, run) =>
      (await import('../features/tenant/remove/remove.ts')).removeTenant(raw, context, run),
  }),
})
