import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {federationApplySet} from '../../../mesh/applyset.ts'
import {
  dataOf,
  type ExportedDocument,
  isRecordOf,
  type LiveCluster,
  revisionIn,
} from '../../../mesh/exported/exported.ts'
import {servicesApplySet} from '../../../mesh/services/objects.ts'
import {parseImports} from '../../../mesh/services/parse-import.ts'
import {readImports} from '../../../mesh/services/read-imports.ts'
import {exportDocuments, type ImportingCluster} from './spec-documents.ts'

/**
 * Returns the documents of the services that some clusters export to each other.
 *
 * @throws ApiError, UnreachableError; MeshError (exit 3) for an invalid record
 */
export async function readExportDocuments(clusters: readonly LiveCluster[]): Promise<ExportedDocument[]> {
  const importing = await Promise.all(clusters.map(readImporting))
  const names = clusters.flatMap(({context, records}) =>
    records.filter(hasMeshName).flatMap((record): [string, string][] => {
      const {cluster} = dataOf(record)
      return cluster === undefined ? [] : [[cluster, context]]
    }),
  )
  return exportDocuments(importing.flat(), new Map(names))
}

/** Records of other commands may have the name of the context. */
function hasMeshName(record: KubernetesObject): boolean {
  const where = {systemNamespace: record.metadata.namespace ?? ''}
  return isRecordOf(record, federationApplySet(where)) || isRecordOf(record, servicesApplySet(where))
}

async function readImporting(live: LiveCluster): Promise<ImportingCluster[]> {
  const {cluster, context, records} = live
  const own = records.filter(record =>
    isRecordOf(record, servicesApplySet({systemNamespace: record.metadata.namespace ?? ''})),
  )
  return Promise.all(
    own.map(async ({metadata: {namespace: systemNamespace = ''}}) => {
      const {imports} = parseImports(await readImports(cluster, {systemNamespace}))
      const revision = revisionIn(live, systemNamespace)
      return {context, systemNamespace, revision, imports: imports.map(({imported}) => imported)}
    }),
  )
}
