import {authzAttachFields, authzDetachFields, validateAuthzAttach} from '../features/authz/spec.ts'
import {defineKind, defineRemoval, inEachCluster, onePart} from './define.ts'

/** The kind of `mesh authz attach`. */
export const kind = defineKind('ExternalAuthorizer', authzAttachFields, {
  validate: validateAuthzAttach,
  claims: ({name, systemNamespace}) => [`authorizer ${name} of ${systemNamespace}`],
  command: 'authz attach',
  after: ['ControlPlane', 'Federation', 'Tenant', 'IngressGateway'],
  apply: async (raw, context, run) => (await import('../features/authz/attach.ts')).attachAuthorizer(raw, context, run),
  exported: inEachCluster(
    async () => (await import('../features/authz/exported/spec-documents.ts')).authorizerDocuments,
  ),
  removal: defineRemoval({
    command: 'authz detach',
    fields: authzDetachFields,
    partsOf: onePart('systemNamespace', 'name'),
    rawOf: ({name, systemNamespace}) => ({name, systemNamespace}),
    remove: async (raw, context, run) =>
      (await import('../features/authz/detach.ts')).detachAuthorizer(raw, context, run),
  }),
})
