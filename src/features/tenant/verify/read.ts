import type {Cluster} from '../../../engine/cluster/cluster.ts'
import {ApiError} from '../../../engine/cluster/errors.ts'
import {revisionLabel} from '../../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import type {ZtunnelSettings} from '../../../istio/ambient.ts'
import {readZtunnels} from '../ambient/read.ts'
import {istioKinds, type Tenant} from '../istio.ts'
import type {PodFacts} from '../istio-pods.ts'
import type {ObservedProxies} from '../proxies/istio-states.ts'
import {readProxies} from '../proxies/read-syncz.ts'
import {readAllPods, readTenants, type TenantsFacts} from '../read.ts'

/** What `mesh tenant verify` reads from the cluster. */
export interface TenantVerifyFacts extends TenantsFacts {
  pods: PodFacts[]
  /** What ready istiods report about their proxies. */
  proxies: ReadonlyMap<Tenant, ObservedProxies>
  /** Root certificates that istiods wrote into namespaces, by `NAMESPACE/NAME` of their ConfigMap. */
  roots: Map<string, string>
  /** Services of istiods, `NAMESPACE/NAME`. */
  services: Set<string>
  /** PeerAuthentications. */
  policies: KubernetesObject[]
  /** Istio's resources that are not labelled with a revision. */
  unlabelled: KubernetesObject[]
  /** ClusterRoles of control planes. */
  roles: KubernetesObject[]
  /** The ztunnels, if a namespace is in ambient mode. */
  ztunnels: readonly ZtunnelSettings[]
}

/**
 * Reads all tenants of a cluster with their pods, root certificates and policies. Sends one LIST per kind, in parallel.
 *
 * @throws ApiError, UnreachableError
 */
export async function readForVerify(cluster: Cluster): Promise<TenantVerifyFacts> {
  const [facts, configMaps, services, policies, unlabelled, roles] = await Promise.all([
    readTenants(cluster),
    cluster.list({apiVersion: 'v1', kind: 'ConfigMap'}, {labelSelector: 'istio.io/config=true'}),
    cluster.list({apiVersion: 'v1', kind: 'Service'}, {labelSelector: revisionLabel}),
    cluster.list({apiVersion: 'security.istio.io/v1', kind: 'PeerAuthentication'}),
    Promise.all(istioKinds.map(kind => cluster.list(kind, {labelSelector: `!${revisionLabel}`}))),
    readRoles(cluster),
  ])
  const [pods, proxies, ztunnels] = await Promise.all([
    readAllPods(facts),
    readProxies(cluster, facts.tenants),
    readZtunnels(cluster, facts.namespaces),
  ])
  return {
    ...facts,
    pods,
    proxies,
    roots: new Map(configMaps.map(configMap => [nameOf(configMap), rootIn(configMap)])),
    services: new Set(services.map(nameOf)),
    policies,
    unlabelled: unlabelled.flat(),
    roles,
    ztunnels,
  }
}

function nameOf({metadata: {namespace, name}}: KubernetesObject): string {
  return `${namespace}/${name}`
}

function rootIn(configMap: KubernetesObject): string {
  return (configMap.data as Record<string, string> | undefined)?.['root-cert.pem'] ?? ''
}

/** Users who are not allowed to read ClusterRoles verify without them. */
async function readRoles(cluster: Cluster): Promise<KubernetesObject[]> {
  try {
    const kind = {apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole'}
    return await cluster.list(kind, {labelSelector: 'app in (istiod,istio-reader)', mayBeDenied: true})
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return []
    throw error
  }
}
