import type {Cluster} from '../engine/cluster/cluster.ts'
import {isManagedBy} from '../engine/plan/managed.ts'

/** One of Istio's CustomResourceDefinitions in a cluster. */
export interface LiveDefinition {
  /** Label `app.kubernetes.io/version`, or undefined without it. */
  version: string | undefined
  /** kubectl-mesh's field manager created or updated it. */
  ours: boolean
}

/**
 * Reads Istio's CustomResourceDefinitions, by name.
 *
 * @param manager field manager of the command
 * @throws `UnreachableError` or `ApiError`
 */
export async function readDefinitions(cluster: Cluster, manager: string): Promise<Map<string, LiveDefinition>> {
  const all = await cluster.list({apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition'})
  return new Map(
    all
      .filter(({metadata: {name}}) => name.endsWith('.istio.io'))
      .map(object => [
        object.metadata.name,
        {version: object.metadata.labels?.['app.kubernetes.io/version'], ours: isManagedBy(object, manager)},
      ]),
  )
}

/**
 * Returns whether a CustomResourceDefinition exists.
 *
 * @param name its full name: `gateways.networking.istio.io`
 * @throws ApiError, UnreachableError
 */
export async function isDefined(cluster: Cluster, name: string): Promise<boolean> {
  const definition = {apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', name}
  return (await cluster.get(definition)) !== undefined
}
