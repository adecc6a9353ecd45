import type {Cluster} from '../../../engine/cluster/cluster.ts'
import {ApiError} from '../../../engine/cluster/errors.ts'

/**
 * Reads the namespaces in which an istiod is installed, sorted. Empty without the permission to list Deployments.
 *
 * @throws UnreachableError, ApiError other than 403
 */
export async function readSystemNamespaces(cluster: Cluster): Promise<string[]> {
  try {
    const istiods = await cluster.list(
      {apiVersion: 'apps/v1', kind: 'Deployment'},
      {labelSelector: 'app=istiod', mayBeDenied: true},
    )
    return [...new Set(istiods.map(({metadata}) => metadata.namespace ?? ''))].sort()
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return []
    throw error
  }
}
