import {ApiError, UnreachableError} from '../../../engine/cluster/errors.ts'
import {type Right, rightsFor} from '../../../engine/kubernetes/access-rules.ts'
import {exitCodes, MeshError, problemsIn} from '../../../errors.ts'
import type {LiveCluster} from '../../../mesh/exported/exported.ts'
import {type ClusterRecords, readRecords} from '../../../mesh/exported/read-records.ts'
import {type Access, connect} from '../../../run/run.ts'
import {contextFlags} from '../../../spec/context-ref.ts'

/** A cluster with the records that count, and those that do not. */
export type ReadCluster = LiveCluster & ClusterRecords

/** The permissions to export a cluster. */
const exportReads: readonly Right[] = [
  ...rightsFor(['get', 'list'], ['configmaps', 'deployments.apps', 'nodes']),
  ...rightsFor(
    ['get', 'list'],
    ['clusterrolebindings.rbac.authorization.k8s.io', 'clusterroles.rbac.authorization.k8s.io'],
  ),
  ...rightsFor(
    ['list'],
    ['mutatingwebhookconfigurations.admissionregistration.k8s.io', 'serviceentries.networking.istio.io'],
  ),
]

/**
 * Reads the records of some clusters. Their settings would be applied by whoever uses the files, so a record counts only in a
 * system namespace.
 *
 * Threat: an administrator of some namespace forges a record there, whose settings then become part of the files of the mesh.
 *
 * @throws MeshError (exit 3) that lists every cluster that cannot be read
 */
export async function readClusters(contexts: readonly string[], access: Access): Promise<ReadCluster[]> {
  const read = await Promise.allSettled(contexts.map(context => readCluster(context, access)))
  const problems = read.flatMap((result, at) => {
    if (result.status === 'fulfilled') return []
    const {reason} = result as {reason: unknown}
    if (!(reason instanceof UnreachableError || reason instanceof ApiError)) throw reason
    const hint = `kubectl ${contextFlags(contexts[at]!)} version`
    return problemsIn(reason).map(({message, hints = [hint]}) => ({message: `${contexts[at]}: ${message}`, hints}))
  })
  if (problems.length > 0) throw new MeshError(problems, exitCodes.refused)
  return read.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []))
}

async function readCluster(context: string, access: Access): Promise<ReadCluster> {
  const cluster = await connect(access, context, exportReads)
  const [records, istiods] = await Promise.all([
    readRecords(cluster),
    cluster.list({apiVersion: 'apps/v1', kind: 'Deployment'}, {labelSelector: 'app=istiod'}),
  ])
  return {context, cluster, istiods, ...records}
}
