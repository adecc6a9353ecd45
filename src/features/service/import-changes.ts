import {type Exporter, globalHost, type ServiceImport} from '../../mesh/services/objects.ts'
import {buildServiceImports} from '../../mesh/services/objects-cluster.ts'
import type {ImportingCluster} from '../../mesh/services/read.ts'
import type {ClusterChange} from '../../run/change-clusters.ts'
import type {ServiceExport} from './spec.ts'

/** The change of an importing cluster from its current imports to those in `after`. */
export function importChange(
  {systemNamespace}: Pick<ServiceExport, 'systemNamespace'>,
  importing: ImportingCluster,
  after: readonly ServiceImport[],
): ClusterChange {
  const {name, cluster, revision, isTenant, invalid, members, hasParent, replaced, record, dns, set} = importing
  const place = {cluster: name, systemNamespace, revision, isTenant}
  const changes = buildServiceImports(place, {after, invalid, members, hasParent, replaced, record, dns})
  return {cluster, name, changes, set}
}

/** The DNS domain with which importing clusters reach the services of an exporter; undefined for its first export. */
export function knownDomain(importing: readonly ImportingCluster[], exporter: string): string | undefined {
  return exportersNamed(importing, exporter)[0]?.[1].clusterDomain
}

/**
 * The identities that importing clusters already accept for the services of an exporter.
 *
 * @param exporter name of the exporting cluster
 * @returns SPIFFE IDs by host
 */
export function knownIdentities(
  importing: readonly ImportingCluster[],
  exporter: string,
): ReadonlyMap<string, readonly string[]> {
  return new Map(
    exportersNamed(importing, exporter).map(([imported, {identities}]) => [globalHost(imported), identities]),
  )
}

/** The imports that have an exporter, with that exporter. */
function exportersNamed(importing: readonly ImportingCluster[], name: string): [ServiceImport, Exporter][] {
  return importing
    .flatMap(({imports}) => imports)
    .flatMap((imported): [ServiceImport, Exporter][] =>
      Object.hasOwn(imported.exporters, name) ? [[imported, imported.exporters[name]!]] : [],
    )
}
