import type {Cluster} from '../../../engine/cluster/cluster.ts'
import {revisionLabel} from '../../../engine/kubernetes/labels.ts'
import {type KubernetesObject, refKey, refOf} from '../../../engine/kubernetes/object.ts'
import {membersOf} from '../../../engine/plan/prune.ts'
import {names, revisioned} from '../../../istio/names.ts'
import {controlPlaneRoles, type Tenant} from '../istio.ts'
import {istiodName} from '../istio-pods.ts'
import {madeForAnnotation, tenantApplySet} from '../objects.ts'
import type {TenantsFacts} from '../read.ts'
import {isWebhookOf} from './istio.ts'
import {readForeign} from './read-foreign.ts'
import {readLeftovers} from './read-leftovers.ts'

/** What exists of a tenant, beside its application namespaces. */
export interface TenantRemains {
  /** The control plane, its policy and its record. */
  members: KubernetesObject[]
  /** What its istiod wrote: root certificates, locks, its CA. */
  leftovers: KubernetesObject[]
  /**
   * Other objects because of which the system namespace stays, as `kind/name`. Empty if the namespace was not created for
   * the tenant.
   */
  foreign: string[]
  /** The system namespace was created for the tenant. */
  ownsNamespace: boolean
}

/**
 * Reads what a removal would delete. Sends one LIST per kind, in parallel.
 *
 * @throws ApiError, UnreachableError
 */
export async function readRemains(tenant: Tenant, facts: TenantsFacts): Promise<TenantRemains> {
  const {cluster} = facts
  // The Sail operator removes the objects that it created.
  const isSail = tenant.via === 'sail'
  const [recorded, controlPlane, written] = await Promise.all([
    membersOf(cluster, tenantApplySet(tenant.namespace)),
    isSail ? [] : readControlPlaneObjects(cluster, tenant),
    readLeftovers(tenant, facts),
  ])
  const webhooks = [...facts.injectors, ...facts.validators].filter(configuration => isWebhookOf(configuration, tenant))
  const record = facts.records.get(tenant.namespace)
  const members = distinct([...recorded, ...controlPlane, ...(isSail ? [] : webhooks), ...(record ? [record] : [])])
  const memberKeys = new Set(members.map(keyOf))
  const leftovers = distinct(written).filter(object => !memberKeys.has(keyOf(object)))
  const namespace = facts.namespaces.find(({metadata}) => metadata.name === tenant.namespace)
  const ownsNamespace = namespace?.metadata.annotations?.[madeForAnnotation] === tenant.name
  const known = new Set([...memberKeys, ...leftovers.map(keyOf)])
  const foreign = ownsNamespace ? await readForeign(cluster, tenant.namespace, known) : []
  return {members, leftovers, foreign, ownsNamespace}
}

const rbac = 'rbac.authorization.k8s.io/v1'

/**
 * Reads the objects of a control plane by the names and labels that Istio's charts give them (1.24–1.31), regardless of
 * what installed it.
 */
async function readControlPlaneObjects(cluster: Cluster, tenant: Tenant): Promise<KubernetesObject[]> {
  const {namespace, revision} = tenant
  const istiod = istiodName(tenant)
  const namespaced: [string, string, string][] = [
    ['v1', 'ServiceAccount', istiod],
    ['v1', 'ServiceAccount', names.readerAccount],
    [rbac, 'Role', istiod],
    [rbac, 'RoleBinding', istiod],
    ['policy/v1', 'PodDisruptionBudget', istiod],
    ['autoscaling/v2', 'HorizontalPodAutoscaler', istiod],
    ['apps/v1', 'Deployment', istiod],
  ]
  const clusterWide = controlPlaneRoles.flatMap(role =>
    ['ClusterRole', 'ClusterRoleBinding'].map(kind => ({
      apiVersion: rbac,
      kind,
      name: `${revisioned(role, revision)}-${namespace}`,
    })),
  )
  const refs = [...namespaced.map(([apiVersion, kind, name]) => ({apiVersion, kind, namespace, name})), ...clusterWide]
  const labelSelector = `${revisionLabel}=${revision}`
  const [found, configMaps, services] = await Promise.all([
    Promise.all(refs.map(ref => cluster.get(ref))),
    cluster.list({apiVersion: 'v1', kind: 'ConfigMap'}, {namespace, labelSelector}),
    cluster.list({apiVersion: 'v1', kind: 'Service'}, {namespace, labelSelector}),
  ])
  return [
    ...found.filter(object => object !== undefined),
    ...configMaps,
    ...services.filter(({metadata}) => metadata.name.startsWith('istiod')),
  ]
}

function keyOf(object: KubernetesObject): string {
  return refKey(refOf(object))
}

function distinct(objects: readonly KubernetesObject[]): KubernetesObject[] {
  return [...new Map(objects.map(object => [keyOf(object), object])).values()]
}
