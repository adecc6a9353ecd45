import {vmRegisterFields, vmRemoveFields} from '../features/vm/spec.ts'
import {validateVmRegister} from '../features/vm/spec-validation.ts'
import {defineKind, defineRemoval, inEachCluster, onePart} from './define.ts'

/** The kind of `mesh vm register`. */
export const kind = defineKind('VirtualMachine', vmRegisterFields, {
  validate: validateVmRegister,
  claims: ({name, namespace, addresses}) => [
    `VM ${namespace}/${name}`,
    ...addresses.map(address => `the VM with address ${address} in namespace ${namespace}`),
  ],
  command: 'vm register',
  after: ['ControlPlane', 'Federation', 'Tenant'],
  apply: async (raw, context, run) =>
    (await import('../features/vm/register/register.ts')).registerVm(raw, context, run),
  exported: inEachCluster(async () => (await import('../features/vm/exported/spec-documents.ts')).vmDocuments),
  removal: defineRemoval({
    command: 'vm remove',
    fields: vmRemoveFields,
    partsOf: onePart('namespace', 'name'),
    rawOf: ({name, namespace, systemNamespace}) => ({name, namespace, systemNamespace}),
    remove: async (raw, context, run) => (await import('../features/vm/remove.ts')).removeVm(raw, context, run),
  }),
})
