import type {Cluster} from '../../engine/cluster/cluster.ts'
import {ApiError, UnreachableError} from '../../engine/cluster/errors.ts'
import type {ReportedFinding} from '../../findings/check.ts'
import type {ClusterParts, GraphFacts, GraphReaders} from './facts.ts'

/**
 * Reads everything that a graph shows, from all clusters in parallel. A part of a cluster that cannot be read is a finding,
 * and does not affect the other parts.
 *
 * @throws MeshError (exit 2) for invalid input
 */
export async function readGraph(readers: GraphReaders, systemNamespace: string): Promise<GraphFacts> {
  const view = await readers.federation()
  const parts = await Promise.all(
    view.members.map(async ({cluster, facts}) =>
      facts ? ([cluster, await readParts(cluster, facts.cluster, readers)] as const) : undefined,
    ),
  )
  return {...view, systemNamespace, parts: new Map(parts.filter(part => part !== undefined))}
}

async function readParts(name: string, cluster: Cluster, readers: GraphReaders): Promise<ClusterParts> {
  const unread: ReportedFinding[] = []
  const part = async <T>(about: string, read: (cluster: Cluster) => Promise<readonly T[]>): Promise<readonly T[]> => {
    try {
      return await read(cluster)
    } catch (error) {
      if (!(error instanceof ApiError || error instanceof UnreachableError)) throw error
      const message = `${about} cannot be read: ${error.message}`
      unread.push({level: 'warning', check: 'graph-read', cluster: name, message})
      return []
    }
  }
  const [tenants, vms, localities] = await Promise.all([
    part('tenants', readers.tenants),
    part('VMs', readers.vms),
    part('localities', readers.localities),
  ])
  return {tenants, vms, localities, unread}
}
