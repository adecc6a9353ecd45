import {globalHost, type ServiceImport, servicesApplySet} from '../../mesh/services/objects.ts'
import {buildServiceImports} from '../../mesh/services/objects-cluster.ts'
import type {ImportingCluster} from '../../mesh/services/read.ts'
import type {ClusterChange} from '../../run/change-clusters.ts'
import type {ServiceExport} from './spec.ts'

/** The change of an importing cluster from its current imports to those in `after`. */
export function importChange(
  spec: Pick<ServiceExport, 'systemNamespace' | 'revision'>,
  importing: ImportingCluster,
  after: readonly ServiceImport[],
): ClusterChange {
  const {name, cluster, imports: before, hasParent, record} = importing
  const {systemNamespace, revision} = spec
  const changes = buildServiceImports({cluster: name, systemNamespace, revision}, {before, after, hasParent, record})
  return {cluster, name, changes, set: servicesApplySet(spec)}
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
  const known = new Map<string, readonly string[]>()
  for (const {imports} of importing)
    for (const imported of imports) {
      const identities = imported.exporters[exporter]?.identities
      if (identities) known.set(globalHost(imported), identities)
    }
  return known
}
