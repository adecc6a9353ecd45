import {federationFileFields, validateFederationFile} from '../features/federate/clusters/spec.ts'
import {federationRemoveFields} from '../features/federate/remove/spec.ts'
import {controlPlaneName, defineKind, defineRemoval} from './define.ts'

/** The kind of `mesh federate`. */
export const kind = defineKind('Federation', federationFileFields, {
  validate: validateFederationFile,
  claims: spec => spec.contexts.map(context => `the federation of ${controlPlaneName(spec)} in context ${context}`),
  command: 'federate',
  after: ['ControlPlane'],
  apply: async ({clusters: _read, ...raw}, _context, run) =>
    (await import('../features/federate/federate.ts')).federate(raw, run),
  exported: async clusters =>
    (await import('../features/federate/exported/read-documents.ts')).readFederationDocuments(clusters),
  removal: defineRemoval({
    command: 'federate remove',
    fields: federationRemoveFields,
    partsOf: ({contexts, systemNamespace}) =>
      (contexts as string[]).map(context => ({context, key: String(systemNamespace), name: context})),
    rawOf: ({systemNamespace, revision}, gone, kept) => ({
      contexts: gone.map(({context}) => context),
      from: kept.map(({context}) => context),
      systemNamespace,
      revision,
    }),
    remove: async (raw, _context, run) =>
      (await import('../features/federate/remove/remove.ts')).removeFederation(raw, run),
  }),
})
