import {ingressTlsFields, ingressTlsRemoveFields, validateIngressTls} from '../features/ingress/tls/spec.ts'
import {defineKind, defineRemoval, inEachCluster, onePart} from './define.ts'

/** The kind of `mesh ingress tls`. */
export const kind = defineKind('IngressTls', ingressTlsFields, {
  validate: validateIngressTls,
  nameOf: ({host}) => host,
  claims: ({host, gateway, systemNamespace}) => [`host ${host} at gateway ${gateway} of ${systemNamespace}`],
  command: 'ingress tls',
  after: ['ControlPlane', 'Federation', 'Tenant', 'IngressGateway'],
  apply: async (raw, context, run) => (await import('../features/ingress/tls/serve.ts')).serveTls(raw, context, run),
  exported: inEachCluster(
    async () => (await import('../features/ingress/exported/spec-documents.ts')).ingressTlsDocuments,
  ),
  removal: defineRemoval({
    command: 'ingress tls --remove',
    fields: ingressTlsRemoveFields,
    partsOf: onePart('systemNamespace', 'host'),
    rawOf: ({host, namespace, systemNamespace}) => ({host, namespace, systemNamespace}),
    remove: async (raw, context, run) =>
      (await import('../features/ingress/tls/remove.ts')).removeTls(raw, context, run),
  }),
})
