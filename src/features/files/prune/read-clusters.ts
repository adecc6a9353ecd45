import type {Access} from '../../../run/run.ts'
import {type ReadCluster, readClusters} from '../export/read-live.ts'

/** The clusters in which documents are pruned. */
interface PrunedClusters {
  /** Each cluster once. */
  clusters: ReadCluster[]
  /** Returns the context of `clusters` that leads to the same cluster as another one. */
  sameAs(context: string): string
}

/**
 * Reads the records of clusters. Files may name a cluster by different contexts, so clusters are compared: otherwise a document would
 * not be found under the other context, and be removed.
 *
 * @throws MeshError (exit 3) that lists every cluster that cannot be read
 */
export async function readPrunedClusters(contexts: readonly string[], access: Access): Promise<PrunedClusters> {
  const all = await readClusters(contexts, access)
  const uids = await Promise.all(all.map(readUid))
  const contextOf = new Map<string, string>()
  for (const [at, {context}] of all.entries()) if (!contextOf.has(uids[at]!)) contextOf.set(uids[at]!, context)
  const sameAs = (context: string) => {
    const at = all.findIndex(one => one.context === context)
    return at < 0 ? context : contextOf.get(uids[at]!)!
  }
  return {clusters: all.filter(({context}) => sameAs(context) === context), sameAs}
}

/** The UID of the namespace kube-system identifies a cluster. */
async function readUid({cluster, context}: ReadCluster): Promise<string> {
  const namespace = await cluster.get({apiVersion: 'v1', kind: 'Namespace', name: 'kube-system'})
  return namespace?.metadata.uid ?? context
}
