import type {Cluster} from '../engine/cluster/cluster.ts'
import {isManagedBy} from '../engine/plan/managed.ts'

/** A CustomResourceDefinition of Istio's that is there. */
export interface DefinitionSeen {
  /** Of the label `app.kubernetes.io/version`. */
  version: string | undefined
  /** Our field manager has made or renewed it. */
  ours: boolean
}

/** Istio's CustomResourceDefinitions, by name. Throws `UnreachableError` or `ApiError`. */
export async function readDefinitions(cluster: Cluster, manager: string): Promise<Map<string, DefinitionSeen>> {
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
