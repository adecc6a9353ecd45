import {ageText, type Listing} from '../../terminal/list/listing.ts'
import type {Installed} from './read.ts'

/** One control plane of `mesh install status`. The keys are those of `-o json`. */
interface ControlPlaneRow {
  namespace: string
  revision: string
  version: string | null
  cluster: string | null
  network: string | null
  meshId: string | null
  trustDomain: string
  ready: number
  replicas: number
  /** The tool that manages it; null for istioctl, which leaves no mark. */
  managedBy: string | null
  /** When istiod's Deployment was created. */
  created: string | null
}

/** The control planes as a listing. */
export function controlPlaneListing(installed: readonly Installed[], now: Date): Listing<ControlPlaneRow> {
  const rows = installed
    .map(rowOf)
    .sort((a, b) => (`${a.namespace} ${a.revision}` < `${b.namespace} ${b.revision}` ? -1 : 1))
  return {
    rows,
    columns: [
      {head: 'namespace', cell: ({namespace}) => namespace},
      {head: 'revision', cell: ({revision}) => revision},
      {head: 'version', cell: ({version}) => version ?? undefined},
      {head: 'ready', cell: ({ready, replicas}) => `${ready}/${replicas}`},
      {head: 'cluster', cell: ({cluster}) => cluster ?? undefined},
      {head: 'network', cell: ({network}) => network ?? undefined},
      {head: 'mesh', cell: ({meshId}) => meshId ?? undefined},
      {head: 'managed by', cell: ({managedBy}) => managedBy ?? undefined},
      {head: 'age', cell: ({created}) => ageText(created, now)},
      {head: 'trust domain', cell: ({trustDomain}) => trustDomain, wide: true},
    ],
    document: items => ({controlPlanes: items}),
    item: row => row,
    name: ({namespace, revision}) => `controlplane/${namespace}/${revision}`,
    namespaces: ({namespace}) => [namespace],
    state: ({ready, replicas}) => (ready === 0 ? 'error' : ready < replicas ? 'warning' : undefined),
  }
}

function rowOf({controlPlane, via}: Installed): ControlPlaneRow {
  const {namespace, revision, version, cluster, network, meshId, trustDomain, ready, replicas, manager} = controlPlane
  const {created = null} = controlPlane
  const managedBy = via === undefined ? manager?.name : `kubectl mesh, ${via}`
  return {
    ...{namespace, revision, version: version ?? null, cluster: cluster ?? null, network: network ?? null},
    ...{meshId: meshId ?? null, trustDomain, ready, replicas, managedBy: managedBy ?? null, created},
  }
}
