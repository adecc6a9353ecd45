import type {Cluster} from '../../engine/cluster/cluster.ts'
import {applySetId, partOfLabel} from '../../engine/kubernetes/applyset.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {MeshError, type Problem} from '../../errors.ts'
import {readServiceImport, type ServiceImport, servicesApplySet} from './objects.ts'

/** The ServiceEntries by which a cluster knows services of others: what `mesh service export` made there. */
export function readImports(
  cluster: Cluster,
  where: {systemNamespace: string; revision: string | undefined},
): Promise<KubernetesObject[]> {
  return cluster.list(
    {apiVersion: 'networking.istio.io/v1', kind: 'ServiceEntry'},
    {namespace: where.systemNamespace, labelSelector: `${partOfLabel}=${applySetId(servicesApplySet(where))}`},
  )
}

/** An import with the ServiceEntry that tells it. */
export interface ParsedImport {
  entry: KubernetesObject
  imported: ServiceImport
}

/** Reads imports back from their ServiceEntries; those that somebody changed beyond reading are problems. */
export function parseImports(entries: readonly KubernetesObject[]): {imports: ParsedImport[]; problems: Problem[]} {
  const imports: ParsedImport[] = []
  const problems: Problem[] = []
  for (const entry of entries)
    try {
      imports.push({entry, imported: readServiceImport(entry)})
    } catch (error) {
      if (!(error instanceof MeshError)) throw error
      problems.push(...error.problems)
    }
  return {imports, problems}
}
