import {globalServiceLabel} from '../../../istio/ambient.ts'
import type {RemoteWorkloads} from '../../../mesh/ambient/istio-ambientz.ts'
import type {Listing} from '../../../terminal/list/listing.ts'
import {readSharedRecord} from './objects-record.ts'
import type {SharingCluster} from './read.ts'

/** A cluster, and what its istiods send ztunnels about Services of other networks. */
export interface ListedCluster {
  sharing: Pick<SharingCluster, 'name' | 'services' | 'stubs'>
  /** Undefined if no istiod could be read. */
  remote: readonly RemoteWorkloads[] | undefined
}

/** The Services that a cluster shares, as this cluster sees them. A row for each cluster of a Service that at least one shares. */
export function sharingListing(clusters: readonly ListedCluster[]): Listing<SharingRow> {
  const keys = new Set(
    clusters.flatMap(({sharing}) =>
      [...sharing.services].filter(([, {metadata}]) => isShared(metadata.labels)).map(([key]) => key),
    ),
  )
  const rows = [...keys].sort().flatMap(key => clusters.map(one => rowOf(key, one)))
  return {
    rows,
    columns: [
      {head: 'service', cell: ({service}) => service},
      {head: 'cluster', cell: ({cluster}) => cluster},
      {head: 'state', cell: ({state}) => state},
      {head: 'remote endpoints', cell: ({remote}) => remote?.map(remoteText).join(',')},
      {head: 'exported to', cell: ({sharedWith}) => sharedWith.join(','), wide: true},
    ],
    document: items => ({services: items}),
    item: row => row,
    name: ({service}) => `service/${service}`,
    namespaces: ({service}) => [service.split('/')[0] ?? ''],
    state: ({state}) => (state === 'shared' || state === 'client only' ? undefined : 'warning'),
  }
}

type SharingRow = ReturnType<typeof rowOf>

function rowOf(key: string, {sharing, remote}: ListedCluster) {
  const service = sharing.services.get(key)
  const isStub = service !== undefined && sharing.stubs.owns(service)
  const here = isStub ? 'client only' : 'shared'
  const endpoints = remote?.filter(one => one.service === key)
  return {
    service: key,
    cluster: sharing.name,
    state: service === undefined ? 'missing' : isShared(service.metadata.labels) ? here : 'not shared',
    remote: endpoints?.map(({network, address, capacity}) => ({network, address, workloads: capacity})),
    sharedWith: [...((service && readSharedRecord(service)?.with) ?? [])],
  }
}

function isShared(labels: Record<string, string> | undefined): boolean {
  return labels?.[globalServiceLabel] === 'true'
}

function remoteText({network, address, workloads}: {network: string; address: string; workloads: number}): string {
  return `${network}: ${workloads} behind ${address}`
}
