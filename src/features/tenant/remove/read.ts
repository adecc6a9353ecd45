import type {Cluster} from '../../../engine/cluster/cluster.ts'
import {revisionLabel} from '../../../engine/kubernetes/labels.ts'
import {type KubernetesObject, refKey, refOf} from '../../../engine/kubernetes/object.ts'
import {membersOf} from '../../../engine/plan/prune.ts'
import {webhooksOf} from '../../../istio/injection.ts'
import {names, revisioned} from '../../../istio/names.ts'
import {type Tenant, tenantRecord, watches} from '../istio.ts'
import {madeForAnnotation, tenantApplySet} from '../objects.ts'
import type {TenantsFacts} from '../read.ts'

/** What there is of a tenant, beside its application namespaces. */
export interface TenantRemains {
  /** Control plane, policy and our record of it. */
  members: KubernetesObject[]
  /** What its istiod wrote: root certificates, locks, its own CA. */
  leftovers: KubernetesObject[]
  /** What is none of both and keeps the system namespace, as `kind/name`; empty when the namespace was not made for it. */
  foreign: string[]
  /** The system namespace was made for it. */
  ownsNamespace: boolean
}

/** Reads what a removal would take. One LIST a kind, side by side. */
export async function readRemains(tenant: Tenant, facts: TenantsFacts): Promise<TenantRemains> {
  const {cluster} = facts
  const [ours, planes, leftovers] = await Promise.all([
    membersOf(cluster, tenantApplySet(tenant.namespace)),
    // what the Sail operator made, it removes itself
    tenant.via === 'sail' ? [] : readControlPlaneObjects(cluster, tenant),
    readLeftovers(tenant, facts),
  ])
  const webhooks = [...facts.injectors, ...facts.validators].filter(configuration => isWebhookOf(configuration, tenant))
  const record = facts.records.get(tenant.namespace)
  const members = distinct([
    ...ours,
    ...planes,
    ...(tenant.via === 'sail' ? [] : webhooks),
    ...(record ? [record] : []),
  ])
  const namespace = facts.namespaces.find(({metadata}) => metadata.name === tenant.namespace)
  const ownsNamespace = namespace?.metadata.annotations?.[madeForAnnotation] === tenant.name
  const known = new Set([...members, ...leftovers].map(object => refKey(refOf(object))))
  const foreign = ownsNamespace ? await readForeign(cluster, tenant.namespace, known) : []
  return {
    members,
    leftovers: leftovers.filter(object => !members.some(member => refKey(refOf(member)) === refKey(refOf(object)))),
    foreign,
    ownsNamespace,
  }
}

const rbac = 'rbac.authorization.k8s.io/v1'

/** The objects of a control plane by the names and labels of Istio's charts (1.24–1.31), whoever made them. */
async function readControlPlaneObjects(cluster: Cluster, {namespace, revision}: Tenant): Promise<KubernetesObject[]> {
  const named = (kind: string, apiVersion: string, all: string[]) =>
    all.map(name => ({apiVersion, kind, namespace, name}))
  const istiod = revisioned('istiod', revision)
  const clusterWide = ['istiod-clusterrole', 'istiod-gateway-controller', 'istio-reader-clusterrole'].flatMap(name =>
    ['ClusterRole', 'ClusterRoleBinding'].map(kind => ({
      apiVersion: rbac,
      kind,
      name: `${revisioned(name, revision)}-${namespace}`,
    })),
  )
  const single = [
    ...named('ServiceAccount', 'v1', [istiod, names.readerAccount]),
    ...named('Role', rbac, [istiod]),
    ...named('RoleBinding', rbac, [istiod]),
    ...named('PodDisruptionBudget', 'policy/v1', [istiod]),
    ...named('HorizontalPodAutoscaler', 'autoscaling/v2', [istiod]),
    ...named('Deployment', 'apps/v1', [istiod]),
    ...clusterWide,
  ]
  const labelSelector = `${revisionLabel}=${revision}`
  const [found, maps, services] = await Promise.all([
    Promise.all(single.map(ref => cluster.get(ref))),
    cluster.list({apiVersion: 'v1', kind: 'ConfigMap'}, {namespace, labelSelector}),
    cluster.list({apiVersion: 'v1', kind: 'Service'}, {namespace, labelSelector}),
  ])
  return [
    ...found.filter(object => object !== undefined),
    ...maps,
    ...services.filter(({metadata}) => /^istiod/.test(metadata.name)),
  ]
}

/** Whether a webhook configuration leads to a tenant's istiod. */
export function isWebhookOf(configuration: KubernetesObject, {namespace, revision}: Tenant): boolean {
  const service = `${revisioned('istiod', revision)}`
  return webhooksOf(configuration).some(
    ({clientConfig}) =>
      clientConfig?.service?.namespace === namespace &&
      (clientConfig.service.name === service || configuration.metadata.labels?.[revisionLabel] === revision),
  )
}

/** On a ConfigMap by which istiods of one namespace choose a leader (client-go, tools/leaderelection). */
const lockAnnotation = 'control-plane.alpha.kubernetes.io/leader'

async function readLeftovers(tenant: Tenant, facts: TenantsFacts): Promise<KubernetesObject[]> {
  const {namespace, revision, trustBundle, revocations} = tenant
  const {cluster, tenants} = facts
  const others = tenants.filter(other => other !== tenant)
  const alone = !others.some(other => other.namespace === namespace)
  const [written, maps, leases, secret] = await Promise.all([
    cluster.list({apiVersion: 'v1', kind: 'ConfigMap'}, {labelSelector: 'istio.io/config=true'}),
    cluster.list({apiVersion: 'v1', kind: 'ConfigMap'}, {namespace}),
    cluster.list({apiVersion: 'coordination.k8s.io/v1', kind: 'Lease'}, {namespace}),
    cluster.get({apiVersion: 'v1', kind: 'Secret', namespace, name: 'istio-ca-secret'}),
  ])
  const rootOf = (map: KubernetesObject | undefined) =>
    (map?.data as Record<string, string> | undefined)?.['root-cert.pem']
  const root = rootOf(written.find(({metadata}) => metadata.namespace === namespace && metadata.name === trustBundle))
  const watchedByOthers = new Set(
    facts.namespaces
      .filter(each => others.some(other => other.installed && watches(other, each)))
      .map(({metadata}) => metadata.name),
  )
  const isRoot = ({metadata, ...map}: KubernetesObject) =>
    metadata.name === trustBundle && root !== undefined && rootOf({metadata, ...map} as KubernetesObject) === root
  const rooted = new Set(written.filter(isRoot).map(({metadata}) => metadata.namespace ?? ''))
  return distinct([
    ...written.filter(
      map =>
        rooted.has(map.metadata.namespace ?? '') &&
        !watchedByOthers.has(map.metadata.namespace ?? '') &&
        (isRoot(map) || map.metadata.name === revocations),
    ),
    ...maps.filter(({metadata}) => alone && metadata.annotations?.[lockAnnotation] !== undefined),
    ...leases.filter(({metadata: {name}}) => name.startsWith('istio-') && (alone || name.endsWith(`-${revision}`))),
    ...(alone && secret?.type === 'istio.io/ca-root' ? [secret] : []),
  ])
}

const foreignKinds = [
  ['v1', 'ConfigMap'],
  ['v1', 'Secret'],
  ['v1', 'Service'],
  ['v1', 'ServiceAccount'],
  ['v1', 'Pod'],
  ['v1', 'PersistentVolumeClaim'],
  ['apps/v1', 'Deployment'],
  ['apps/v1', 'StatefulSet'],
  ['apps/v1', 'DaemonSet'],
  ['batch/v1', 'Job'],
  ['batch/v1', 'CronJob'],
  ['networking.k8s.io/v1', 'Ingress'],
  ['gateway.networking.k8s.io/v1', 'Gateway'],
  ['gateway.networking.k8s.io/v1', 'HTTPRoute'],
  ...['DestinationRule', 'Gateway', 'ServiceEntry', 'Sidecar', 'VirtualService', 'WorkloadEntry', 'WorkloadGroup'].map(
    kind => ['networking.istio.io/v1', kind],
  ),
  ...['AuthorizationPolicy', 'PeerAuthentication', 'RequestAuthentication'].map(kind => ['security.istio.io/v1', kind]),
  ['networking.istio.io/v1alpha3', 'EnvoyFilter'],
  ['telemetry.istio.io/v1', 'Telemetry'],
] as [string, string][]

/** What lies in the system namespace and is nobody's but the user's. */
async function readForeign(cluster: Cluster, namespace: string, known: ReadonlySet<string>): Promise<string[]> {
  const lists = await Promise.all(
    foreignKinds.map(([apiVersion, kind]) => cluster.list({apiVersion, kind}, {namespace})),
  )
  return lists
    .flat()
    .filter(object => !known.has(refKey(refOf(object))) && !isOfNamespace(object))
    .map(({kind, metadata}) => `${kind.toLowerCase()}/${metadata.name}`)
}

/** What every namespace has, and what goes with its owner. */
function isOfNamespace({kind, metadata}: KubernetesObject): boolean {
  if (metadata.ownerReferences?.length) return true
  if (kind === 'ConfigMap') return metadata.name === 'kube-root-ca.crt' || metadata.name === tenantRecord
  if (kind === 'ServiceAccount') return metadata.name === 'default'
  return false
}

function distinct(objects: readonly KubernetesObject[]): KubernetesObject[] {
  return [...new Map(objects.map(object => [refKey(refOf(object)), object])).values()]
}
