import {localityBalanceFields, validateLocalityBalance} from '../features/locality/balance/spec.ts'
import {controlPlaneName, defineKind, inEachCluster} from './define.ts'

/** The kind of `mesh locality balance`. */
export const kind = defineKind('LocalityBalance', localityBalanceFields, {
  validate: validateLocalityBalance,
  nameOf: ({hosts}) => (hosts.length === 1 ? hosts[0] : undefined),
  claims: ({hosts, namespace = '', meshWide, ...spec}) => [
    ...hosts.map(host => `locality balancing of ${host}${namespace === '' ? '' : ` in ${namespace}`}`),
    ...(meshWide === 'keep' ? [] : [`mesh-wide locality balancing of ${controlPlaneName(spec)}`]),
  ],
  command: 'locality balance',
  after: ['ControlPlane', 'Federation', 'Tenant', 'NodeLocalities'],
  apply: async (raw, context, run) => (await import('../features/locality/balance.ts')).balanceHosts(raw, context, run),
  exported: inEachCluster(
    async () => (await import('../features/locality/exported/read-documents.ts')).readBalanceDocuments,
  ),
})
