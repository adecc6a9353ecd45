import type {Cluster} from '../../engine/cluster/cluster.ts'
import {type Right, rightsFor} from '../../engine/kubernetes/access-rules.ts'
import {revisionLabel} from '../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {readTags} from '../../istio/injection.ts'
import {revisioned, tenantRecord} from '../../istio/names.ts'
import {ownerOf, readProxy} from '../../istio/proxy.ts'
import {readProof, readRecord, readTenant, type Tenant} from './istio.ts'
import type {PodFacts} from './istio-pods.ts'
import type {Proof} from './istio-proof.ts'
import {readProofs} from './read-proofs.ts'

/** The control planes of a cluster and the objects that concern all of them. */
export interface TenantsFacts {
  cluster: Cluster
  /** Sorted by name. */
  tenants: Tenant[]
  namespaces: KubernetesObject[]
  /** MutatingWebhookConfigurations of Istio's injectors and tags. */
  injectors: KubernetesObject[]
  /** ValidatingWebhookConfigurations of Istio. */
  validators: KubernetesObject[]
  /** Revision by tag. */
  tags: Map<string, string>
  /** Proved records of tenants, by namespace. */
  records: Map<string, KubernetesObject>
  /** ConfigMaps with the name of a record that prove nothing: whoever administers their namespace may have created them. */
  unprovedRecords: KubernetesObject[]
}

const roles = ['clusterroles', 'clusterrolebindings'].map(kind => `${kind}.rbac.authorization.k8s.io`)

/** The permissions of all commands for tenants: they read which control planes exist, and their proxies. */
export const tenantReads: readonly Right[] = [
  ...rightsFor(['get', 'list'], ['configmaps', 'namespaces', ...roles]),
  ...rightsFor(['list'], ['deployments.apps', 'pods', ...webhooks()]),
]

/** Resources of webhook configurations. */
export function webhooks(): string[] {
  return ['mutating', 'validating'].map(kind => `${kind}webhookconfigurations.admissionregistration.k8s.io`)
}

/**
 * Reads all tenants of a cluster, including control planes that were installed by other means. A record counts only in a
 * namespace that a cluster-wide object proves to be a system namespace.
 *
 * @throws ApiError, UnreachableError
 */
export async function readTenants(cluster: Cluster): Promise<TenantsFacts> {
  const [deployments, found, namespaces, mutating, validating] = await Promise.all([
    cluster.list({apiVersion: 'apps/v1', kind: 'Deployment'}, {labelSelector: 'app=istiod'}),
    cluster.list({apiVersion: 'v1', kind: 'ConfigMap'}, {fieldSelector: `metadata.name=${tenantRecord}`}),
    cluster.list({apiVersion: 'v1', kind: 'Namespace'}),
    cluster.list({apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingWebhookConfiguration'}),
    cluster.list({apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingWebhookConfiguration'}),
  ])
  const injectors = mutating.filter(isOfIstio)
  const validators = validating.filter(isOfIstio)
  const candidates = [...deployments.map(revisionOf), ...found.map(readRecord)]
  const [meshConfigs, proofs] = await Promise.all([
    readMeshConfigs(cluster, deployments),
    readProofs(cluster, candidates, [...injectors, ...validators]),
  ])
  const isProved = ({metadata: {namespace = ''}}: KubernetesObject) => proofs.namespaces.has(namespace)
  const records = new Map(found.filter(isProved).map(record => [record.metadata.namespace ?? '', record]))
  const installed = deployments.map(deployment => {
    const record = records.get(deployment.metadata.namespace ?? '')
    return readTenant(deployment, meshConfigs.get(keyOfMeshConfig(deployment)), record, isProved(deployment))
  })
  return {
    cluster,
    tenants: withDistinctNames(withRecords(installed, [...records.values()], proofs.own)).sort(byName),
    namespaces,
    injectors,
    validators,
    tags: readTags(injectors),
    records,
    unprovedRecords: found.filter(record => !isProved(record)),
  }
}

function revisionOf({metadata: {namespace = '', labels}}: KubernetesObject): {namespace: string; revision: string} {
  return {namespace, revision: labels?.[revisionLabel] ?? 'default'}
}

/** Adds tenants without an istiod: those with a record, and those of which only the proof is left. */
function withRecords(installed: Tenant[], records: readonly KubernetesObject[], proofs: readonly Proof[]): Tenant[] {
  const isInstalled = ({namespace, revision}: Tenant) =>
    installed.some(tenant => tenant.namespace === namespace && tenant.revision === revision)
  const known = [...installed, ...records.map(readRecord).filter(tenant => !isInstalled(tenant))]
  return [
    ...known,
    ...proofs.filter(({namespace}) => !known.some(tenant => tenant.namespace === namespace)).map(readProof),
  ]
}

function isOfIstio({metadata}: KubernetesObject): boolean {
  return metadata.labels?.[revisionLabel] !== undefined || metadata.name.includes('istio')
}

/** If two tenants have the same name, one without a record is named after its namespace instead. */
function withDistinctNames(tenants: Tenant[]): Tenant[] {
  for (const tenant of tenants)
    if (tenant.via === undefined && tenants.some(other => other !== tenant && other.name === tenant.name))
      tenant.name = tenant.namespace
  return tenants
}

function byName(a: Tenant, b: Tenant): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1
  return a.namespace < b.namespace ? -1 : 1
}

function keyOfMeshConfig({metadata: {namespace = '', labels}}: KubernetesObject): string {
  return `${namespace}/${revisioned('istio', labels?.[revisionLabel])}`
}

/**
 * Reads the ConfigMaps `istio[-revision]` of control planes, by `NAMESPACE/NAME`. Each is read with a GET, because a LIST
 * would include the ConfigMaps of the injectors, which are large.
 */
async function readMeshConfigs(
  cluster: Cluster,
  deployments: readonly KubernetesObject[],
): Promise<Map<string, KubernetesObject>> {
  const found = await Promise.all(
    deployments.map(({metadata: {namespace = '', labels}}) =>
      cluster.get({apiVersion: 'v1', kind: 'ConfigMap', namespace, name: revisioned('istio', labels?.[revisionLabel])}),
    ),
  )
  return new Map(found.flatMap(map => (map ? [[`${map.metadata.namespace}/${map.metadata.name}`, map] as const] : [])))
}

/** Up to this number of namespaces, one LIST per namespace is sent instead of one for the whole cluster. */
const maxListsOfPods = 4

/** Reads the pods of some namespaces. */
export async function readPods(cluster: Cluster, namespaces: readonly string[]): Promise<PodFacts[]> {
  const kind = {apiVersion: 'v1', kind: 'Pod'}
  const wanted = new Set(namespaces)
  const pods =
    namespaces.length > maxListsOfPods
      ? await cluster.list(kind)
      : (await Promise.all(namespaces.map(namespace => cluster.list(kind, {namespace})))).flat()
  return pods.filter(({metadata}) => wanted.has(metadata.namespace ?? '')).map(factsOf)
}

/** Reads the pods of all namespaces. */
export function readAllPods({cluster, namespaces}: TenantsFacts): Promise<PodFacts[]> {
  return readPods(
    cluster,
    namespaces.map(({metadata}) => metadata.name),
  )
}

function factsOf(pod: KubernetesObject): PodFacts {
  return {
    name: pod.metadata.name,
    namespace: pod.metadata.namespace ?? '',
    proxy: readProxy(pod),
    owner: ownerOf(pod),
    refuses: pod.metadata.labels?.['sidecar.istio.io/inject'] === 'false',
    hostNetwork: (pod.spec as {hostNetwork?: boolean} | undefined)?.hostNetwork === true,
    running: (pod.status as {phase?: string} | undefined)?.phase === 'Running',
  }
}
