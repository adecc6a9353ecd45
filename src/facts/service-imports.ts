import type {Cluster} from '../cluster/cluster.ts'
import {MeshError, type Problem} from '../errors.ts'
import {applySetId, partOfLabel} from '../manifests/applyset.ts'
import type {KubernetesObject} from '../manifests/object.ts'
import {readServiceImport, type ServiceImport, servicesApplySet} from '../manifests/service-export.ts'

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
export interface ToldImport {
  entry: KubernetesObject
  imported: ServiceImport
}

/** Reads imports back from their ServiceEntries; those that somebody changed beyond reading are problems. */
export function toldImports(entries: readonly KubernetesObject[]): {imports: ToldImport[]; problems: Problem[]} {
  const imports: ToldImport[] = []
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
