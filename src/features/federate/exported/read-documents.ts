import {revisionLabel} from '../../../engine/kubernetes/labels.ts'
import {parseMembers} from '../../../engine/kubernetes/member-record.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {revisioned} from '../../../istio/names.ts'
import {federationApplySet} from '../../../mesh/applyset.ts'
import {storedFederationValues} from '../../../mesh/control-plane/stored.ts'
import {type ExportedDocument, isRecordOf, type LiveCluster, revisionIn} from '../../../mesh/exported/exported.ts'
import {federationDocuments, type JoinedCluster} from './spec-documents.ts'

/**
 * Returns one document for each federation of some clusters.
 *
 * @throws ApiError, UnreachableError
 */
export async function readFederationDocuments(clusters: readonly LiveCluster[]): Promise<ExportedDocument[]> {
  const joined = await Promise.all(
    clusters.flatMap(live =>
      live.records
        .filter(record => isRecordOf(record, federationApplySet({systemNamespace: record.metadata.namespace ?? ''})))
        .map(record => readJoined(live, record)),
    ),
  )
  return federationDocuments(joined)
}

async function readJoined(live: LiveCluster, record: KubernetesObject): Promise<JoinedCluster> {
  const {cluster, context, records} = live
  const {namespace = ''} = record.metadata
  const revision = (await readGatewayRevision(live, record)) ?? revisionIn(live, namespace)
  // Istiod writes its root certificate into every namespace, for proxies.
  const root = await cluster.get({apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'istio-ca-root-cert'})
  const controlPlane = records.find(({metadata}) => {
    return metadata.namespace === namespace && metadata.name === revisioned('kubectl-mesh-control-plane', revision)
  })
  return {
    context,
    record,
    revision,
    root: (root?.data as Record<string, string> | undefined)?.['root-cert.pem'],
    values: storedFederationValues(controlPlane),
  }
}

/** The record does not depend on the revision, but the pods of the gateway carry the requested one: it may be a tag. */
async function readGatewayRevision({cluster}: LiveCluster, record: KubernetesObject): Promise<string | undefined> {
  const member = [...(parseMembers(record)?.values() ?? [])].find(({ref}) => ref.kind === 'Deployment')
  const gateway = member && (await cluster.get(member.ref))
  const {template} = (gateway?.spec ?? {}) as {template?: {metadata?: {labels?: Record<string, string>}}}
  return template?.metadata?.labels?.[revisionLabel]
}
