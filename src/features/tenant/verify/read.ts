import type {Cluster} from '../../../engine/cluster/cluster.ts'
import {ApiError} from '../../../engine/cluster/errors.ts'
import {revisionLabel} from '../../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {type PodSeen, readPods, readTenants, type TenantsFacts} from '../read.ts'

/** Everything that `tenant verify` looks at. */
export interface TenantVerifyFacts extends TenantsFacts {
  pods: PodSeen[]
  /** ConfigMaps that istiods write into namespaces: roots by `NAMESPACE/NAME`. */
  roots: Map<string, string>
  /** Services of istiods, `NAMESPACE/NAME`. */
  services: Set<string>
  policies: KubernetesObject[]
  /** Istio's resources that carry no revision. */
  unlabelled: KubernetesObject[]
  /** ClusterRoles of control planes. */
  roles: KubernetesObject[]
}

const istioKinds = [
  ...['DestinationRule', 'Gateway', 'ServiceEntry', 'Sidecar', 'VirtualService', 'WorkloadEntry', 'WorkloadGroup'].map(
    kind => ({apiVersion: 'networking.istio.io/v1', kind}),
  ),
  ...['AuthorizationPolicy', 'PeerAuthentication', 'RequestAuthentication'].map(kind => ({
    apiVersion: 'security.istio.io/v1',
    kind,
  })),
  {apiVersion: 'networking.istio.io/v1alpha3', kind: 'EnvoyFilter'},
  {apiVersion: 'telemetry.istio.io/v1', kind: 'Telemetry'},
]

/** Reads all tenants of a cluster with their pods, webhooks, roots and policies. One LIST a kind, side by side. */
export async function readForVerify(cluster: Cluster): Promise<TenantVerifyFacts> {
  const [facts, maps, services, policies, unlabelled, roles] = await Promise.all([
    readTenants(cluster),
    cluster.list({apiVersion: 'v1', kind: 'ConfigMap'}, {labelSelector: 'istio.io/config=true'}),
    cluster.list({apiVersion: 'v1', kind: 'Service'}, {labelSelector: revisionLabel}),
    cluster.list({apiVersion: 'security.istio.io/v1', kind: 'PeerAuthentication'}),
    Promise.all(istioKinds.map(kind => cluster.list(kind, {labelSelector: `!${revisionLabel}`}))),
    readRoles(cluster),
  ])
  const pods = await readPods(
    cluster,
    facts.namespaces.map(({metadata}) => metadata.name),
  )
  return {
    ...facts,
    pods,
    roots: new Map(
      maps.map(map => [
        `${map.metadata.namespace}/${map.metadata.name}`,
        (map.data as Record<string, string> | undefined)?.['root-cert.pem'] ?? '',
      ]),
    ),
    services: new Set(services.map(({metadata}) => `${metadata.namespace}/${metadata.name}`)),
    policies,
    unlabelled: unlabelled.flat(),
    roles,
  }
}

/** Who may not read ClusterRoles verifies without them. */
async function readRoles(cluster: Cluster): Promise<KubernetesObject[]> {
  try {
    const kind = {apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole'}
    return await cluster.list(kind, {labelSelector: 'app in (istiod,istio-reader)'})
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return []
    throw error
  }
}
