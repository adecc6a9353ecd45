import {readInjectors} from '../../../control-plane/revision.ts'
import type {Cluster} from '../../../engine/cluster/cluster.ts'
import type {KubernetesObject, ObjectRef} from '../../../engine/kubernetes/object.ts'
import {refKey} from '../../../engine/kubernetes/object.ts'
import {readLive} from '../../../engine/plan/live.ts'
import {type GatewayWorkload, gatewayWorkloads} from './workloads.ts'

/** State of a cluster before a host is served. Objects are as the API server returns them. */
export interface IngressTlsFacts {
  cluster: Cluster
  /** Gateways in all namespaces. */
  workloads: GatewayWorkload[]
  /** Istio Gateways in all namespaces. */
  gateways: KubernetesObject[]
  /** Services in all namespaces. */
  services: KubernetesObject[]
}

/**
 * Reads the gateways of a cluster, with one LIST request per kind.
 *
 * @throws UnreachableError, ApiError
 */
export async function readIngressTlsFacts(cluster: Cluster): Promise<IngressTlsFacts> {
  const [deployments, daemonSets, gateways, services, pods, namespaces, injectors] = await Promise.all([
    cluster.list({apiVersion: 'apps/v1', kind: 'Deployment'}),
    cluster.list({apiVersion: 'apps/v1', kind: 'DaemonSet'}),
    cluster.list({apiVersion: 'networking.istio.io/v1', kind: 'Gateway'}),
    cluster.list({apiVersion: 'v1', kind: 'Service'}),
    cluster.list({apiVersion: 'v1', kind: 'Pod'}, {labelSelector: 'istio'}),
    cluster.list({apiVersion: 'v1', kind: 'Namespace'}),
    readInjectors(cluster),
  ])
  const workloads = gatewayWorkloads([...deployments, ...daemonSets], {pods, namespaces, injectors})
  return {cluster, workloads, gateways, services}
}

/**
 * Reads Secrets, and for each the Secret `NAME-cacert`, which may contain the client CA.
 *
 * @returns the Secrets that exist, by `NAMESPACE/NAME`
 * @throws UnreachableError, ApiError
 */
export async function readSecrets(
  cluster: Cluster,
  names: readonly {namespace: string; name: string}[],
): Promise<Map<string, KubernetesObject>> {
  const refs = new Map<string, ObjectRef>()
  for (const {namespace, name} of names)
    for (const each of [name, `${name}-cacert`]) {
      const ref = {apiVersion: 'v1', kind: 'Secret', namespace, name: each}
      refs.set(refKey(ref), ref)
    }
  const live = await readLive(cluster, [...refs.values()])
  return new Map([...live.values()].map(object => [`${object.metadata.namespace}/${object.metadata.name}`, object]))
}
