import {isSystemNamespace} from '../../control-plane/read-proof.ts'
import type {Cluster} from '../../engine/cluster/cluster.ts'
import {idLabel} from '../../engine/kubernetes/applyset-parent.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {isRecord} from './exported.ts'

/** The records of a cluster. */
export interface ClusterRecords {
  /** Parents of ApplySets in system namespaces. */
  records: readonly KubernetesObject[]
  /** Records in namespaces that no cluster-wide object shows to be system namespaces, as `NAMESPACE/NAME`. */
  untrusted: readonly string[]
}

/**
 * Reads the records of all namespaces of a cluster. They count only in system namespaces.
 *
 * Threat: an administrator of some namespace forges a record there.
 *
 * @throws ApiError, UnreachableError
 */
export async function readRecords(cluster: Cluster): Promise<ClusterRecords> {
  const found = await cluster.list({apiVersion: 'v1', kind: 'ConfigMap'}, {labelSelector: idLabel})
  const records = found.filter(isRecord)
  const trusted = await systemNamespacesOf(records, cluster)
  const isTrusted = ({metadata: {namespace = ''}}: KubernetesObject) => trusted.has(namespace)
  return {
    records: records.filter(isTrusted),
    untrusted: records.filter(one => !isTrusted(one)).map(({metadata: {namespace, name}}) => `${namespace}/${name}`),
  }
}

async function systemNamespacesOf(records: readonly KubernetesObject[], cluster: Cluster): Promise<Set<string>> {
  const namespaces = [...new Set(records.map(({metadata: {namespace = ''}}) => namespace))]
  const proved = await Promise.all(namespaces.map(namespace => isSystemNamespace(cluster, namespace)))
  return new Set(namespaces.filter((_, at) => proved[at]))
}
