import {localityLabelFields, validateLocalityLabel} from '../features/locality/label/spec.ts'
import {defineKind, inEachCluster} from './define.ts'

/** The kind of `mesh locality label`. */
export const kind = defineKind('NodeLocalities', localityLabelFields, {
  validate: validateLocalityLabel,
  claims: ({nodes, all}) => [...nodes.map(node => `the locality of node ${node}`), ...(all ? ['all nodes'] : [])],
  command: 'locality label',
  after: [],
  apply: async (raw, context, run) => (await import('../features/locality/label.ts')).labelNodes(raw, context, run),
  exported: inEachCluster(
    async () => (await import('../features/locality/exported/read-documents.ts')).readNodeDocuments,
  ),
})
