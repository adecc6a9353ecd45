import {addonInstallFields, addonRemoveFields, validateAddonInstall} from '../features/addon/spec.ts'
import {defineKind, defineRemoval, inEachCluster} from './define.ts'

/** The kind of `mesh addon install`. */
export const kind = defineKind('Addons', addonInstallFields, {
  validate: validateAddonInstall,
  claims: ({names, systemNamespace}) => names.map(name => `add-on ${name} of ${systemNamespace}`),
  command: 'addon install',
  after: ['ControlPlane', 'Federation', 'Tenant'],
  apply: async (raw, context, run) => (await import('../features/addon/install.ts')).installAddons(raw, context, run),
  exported: inEachCluster(async () => (await import('../features/addon/exported/spec-documents.ts')).addonDocuments),
  removal: defineRemoval({
    command: 'addon remove',
    fields: addonRemoveFields,
    partsOf: ({names, systemNamespace}, context) =>
      (names as string[]).map(name => ({context, key: `${systemNamespace}/${name}`, name})),
    rawOf: ({systemNamespace}, gone) => ({names: gone.map(({name}) => name), systemNamespace}),
    remove: async (raw, context, run) => (await import('../features/addon/remove.ts')).removeAddons(raw, context, run),
  }),
})
