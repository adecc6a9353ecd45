import type {Cluster} from '../../../engine/cluster/cluster.ts'
import {type KubernetesObject, refKey, refOf} from '../../../engine/kubernetes/object.ts'
import {istioKinds, tenantRecord} from '../istio.ts'

/** Kinds of objects because of which a system namespace is not deleted. */
const foreignKinds: readonly {apiVersion: string; kind: string}[] = [
  ...['ConfigMap', 'Secret', 'Service', 'ServiceAccount', 'Pod', 'PersistentVolumeClaim'].map(kind => ({
    apiVersion: 'v1',
    kind,
  })),
  ...['Deployment', 'StatefulSet', 'DaemonSet'].map(kind => ({apiVersion: 'apps/v1', kind})),
  ...['Job', 'CronJob'].map(kind => ({apiVersion: 'batch/v1', kind})),
  {apiVersion: 'networking.k8s.io/v1', kind: 'Ingress'},
  ...['Gateway', 'HTTPRoute'].map(kind => ({apiVersion: 'gateway.networking.k8s.io/v1', kind})),
  ...istioKinds,
]

/**
 * Reads the objects in a system namespace that neither the tenant nor Kubernetes created.
 *
 * @param known keys (`refKey`) of the tenant's objects
 * @returns `kind/name` of each
 * @throws ApiError, UnreachableError
 */
export async function readForeign(cluster: Cluster, namespace: string, known: ReadonlySet<string>): Promise<string[]> {
  const lists = await Promise.all(foreignKinds.map(kind => cluster.list(kind, {namespace})))
  return lists
    .flat()
    .filter(object => !known.has(refKey(refOf(object))) && !isImplicit(object))
    .map(({kind, metadata}) => `${kind.toLowerCase()}/${metadata.name}`)
}

/** Whether an object exists in every namespace, or is deleted together with its owner. */
function isImplicit({kind, metadata}: KubernetesObject): boolean {
  if (metadata.ownerReferences?.length) return true
  if (kind === 'ConfigMap') return metadata.name === 'kube-root-ca.crt' || metadata.name === tenantRecord
  return kind === 'ServiceAccount' && metadata.name === 'default'
}
