import {installFields, installRemoveFields, validateInstall} from '../features/install/spec.ts'
import {controlPlaneName, defineKind, defineRemoval, inEachCluster, onePart} from './define.ts'

/** The kind of `mesh install`. */
export const kind = defineKind('ControlPlane', installFields, {
  validate: validateInstall,
  claims: spec => [`the control plane ${controlPlaneName(spec)}`],
  command: 'install',
  after: [],
  apply: async (raw, context, run) =>
    (await import('../features/install/install.ts')).installControlPlane(raw, context, run),
  exported: inEachCluster(
    async () => (await import('../features/install/exported/spec-documents.ts')).controlPlaneDocuments,
  ),
  removal: defineRemoval({
    command: 'install remove',
    fields: installRemoveFields,
    partsOf: onePart('systemNamespace', 'revision'),
    rawOf: ({systemNamespace, revision}) => ({systemNamespace, revision}),
    remove: async (raw, context, run) =>
      (await import('../features/install/remove.ts')).removeInstall(raw, context, run),
  }),
})
