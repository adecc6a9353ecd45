import {type ExportedDocument, type LiveCluster, revisionIn} from '../../../mesh/exported/exported.ts'
import {localityApplySet, localitySettingsRef} from '../balance/objects.ts'
import {balanceDocuments} from './spec-balance.ts'
import {nodeDocuments} from './spec-nodes.ts'

/**
 * Returns the documents of the hosts that `mesh locality balance` has balanced in a cluster.
 *
 * @throws ApiError, UnreachableError
 */
export async function readBalanceDocuments(live: LiveCluster): Promise<ExportedDocument[]> {
  const all = await Promise.all(
    live.records.map(async ({metadata: {name, namespace: systemNamespace = ''}}) => {
      const base = localityApplySet({systemNamespace, revision: undefined}).name
      if (name !== base && !name.startsWith(`${base}-`)) return []
      // Version 0.1.0 had a record for each revision.
      const revision = name === base ? undefined : name.slice(base.length + 1)
      const stored = await live.cluster.get(localitySettingsRef({systemNamespace, revision}))
      const {context} = live
      return stored ? balanceDocuments(stored, {context, revision: revisionIn(live, systemNamespace)}) : []
    }),
  )
  return all.flat()
}

/**
 * Returns the documents of the nodes that `mesh locality label` has labelled in a cluster.
 *
 * @throws ApiError, UnreachableError
 */
export async function readNodeDocuments({context, cluster}: LiveCluster): Promise<ExportedDocument[]> {
  return nodeDocuments(context, await cluster.list({apiVersion: 'v1', kind: 'Node'}))
}
