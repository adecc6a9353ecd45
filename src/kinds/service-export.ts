import {serviceExportFileFields, validateServiceExportFile} from '../features/service/spec.ts'
import {defineKind} from './define.ts'

/** The kind of `mesh service export`. */
export const kind = defineKind('ServiceExport', serviceExportFileFields, {
  validate: validateServiceExportFile,
  claims: ({name, namespace = 'the namespace of the context', contexts}) =>
    name === undefined ? [] : contexts.map(context => `the export of ${name} in ${namespace} from context ${context}`),
  command: 'service export',
  after: ['Federation'],
  apply: async (raw, _context, run) => (await import('../features/service/export.ts')).exportServices(raw, run),
  exported: async clusters =>
    (await import('../features/service/exported/read-documents.ts')).readExportDocuments(clusters),
})
