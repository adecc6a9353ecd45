import {ingressDeployFields, ingressRemoveFields, validateIngressDeploy} from '../features/ingress/spec-deploy.ts'
import {defineKind, defineRemoval, inEachCluster, onePart} from './define.ts'

/** The kind of `mesh ingress deploy`. */
export const kind = defineKind('IngressGateway', ingressDeployFields, {
  validate: validateIngressDeploy,
  claims: ({name, namespace = 'the namespace of the context'}) => [`gateway ${name} in ${namespace}`],
  command: 'ingress deploy',
  after: ['ControlPlane', 'Federation', 'Tenant'],
  apply: async (raw, context, run) => (await import('../features/ingress/deploy.ts')).deployIngress(raw, context, run),
  exported: inEachCluster(
    async () => (await import('../features/ingress/exported/spec-documents.ts')).ingressGatewayDocuments,
  ),
  removal: defineRemoval({
    command: 'ingress remove',
    fields: ingressRemoveFields,
    partsOf: onePart('namespace', 'name'),
    rawOf: ({name, namespace, systemNamespace}) => ({name, namespace, systemNamespace}),
    remove: async (raw, context, run) =>
      (await import('../features/ingress/remove.ts')).removeIngress(raw, context, run),
  }),
})
