import type {Cluster} from '../../engine/cluster/cluster.ts'
import {revisionLabel} from '../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {readTags} from '../../istio/injection.ts'
import {revisioned} from '../../istio/names.ts'
import {ownerOf, type PodProxy, readProxy} from '../../istio/proxy.ts'
import {fits} from '../../istio/selectors.ts'
import {readRecord, readTenant, type Tenant, tenantRecord} from './istio.ts'

/** All control planes of one cluster, and what they share. Objects are as the server gave them. */
export interface TenantsFacts {
  cluster: Cluster
  tenants: Tenant[]
  namespaces: KubernetesObject[]
  /** MutatingWebhookConfigurations of Istio's injectors and tags. */
  injectors: KubernetesObject[]
  /** ValidatingWebhookConfigurations of Istio. */
  validators: KubernetesObject[]
  /** Revision by tag. */
  tags: Map<string, string>
  /** Our records, by namespace. */
  records: Map<string, KubernetesObject>
}

/** Reads all tenants of a cluster, also those that others made. Throws `UnreachableError` or `ApiError`. */
export async function readTenants(cluster: Cluster): Promise<TenantsFacts> {
  const [deployments, records, namespaces, mutating, validating] = await Promise.all([
    cluster.list({apiVersion: 'apps/v1', kind: 'Deployment'}, {labelSelector: 'app=istiod'}),
    cluster.list(
      {apiVersion: 'v1', kind: 'ConfigMap'},
      {fieldSelector: `metadata.name=${tenantRecord}`, labelSelector: 'app.kubernetes.io/managed-by=kubectl-mesh'},
    ),
    cluster.list({apiVersion: 'v1', kind: 'Namespace'}),
    cluster.list({apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingWebhookConfiguration'}),
    cluster.list({apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingWebhookConfiguration'}),
  ])
  const configMaps = await meshConfigs(cluster, deployments)
  const isIstio = ({metadata}: KubernetesObject) =>
    metadata.labels?.[revisionLabel] !== undefined || /istio/.test(metadata.name)
  const injectors = mutating.filter(isIstio)
  const byNamespace = new Map(records.map(record => [record.metadata.namespace ?? '', record]))
  const live = deployments.map(deployment => {
    const {namespace = '', labels} = deployment.metadata
    const mesh = configMaps.get(`${namespace}/${revisioned('istio', labels?.[revisionLabel])}`)
    return readTenant(deployment, mesh, byNamespace.get(namespace))
  })
  const waiting = records
    .map(readRecord)
    .filter(({namespace, revision}) => !live.some(each => each.namespace === namespace && each.revision === revision))
  const all = [...live, ...waiting]
  // of two that would be called alike, one that we did not make is called as its namespace is
  for (const tenant of all)
    if (tenant.via === undefined && all.some(other => other !== tenant && other.name === tenant.name))
      tenant.name = tenant.namespace
  return {
    cluster,
    tenants: all.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.namespace < b.namespace ? -1 : 1)),
    namespaces,
    injectors,
    validators: validating.filter(isIstio),
    tags: readTags(injectors),
    records: byNamespace,
  }
}

/** The ConfigMaps `istio[-rev]` of all control planes, by `NAMESPACE/NAME`; only those, as the injectors' are long. */
async function meshConfigs(
  cluster: Cluster,
  deployments: readonly KubernetesObject[],
): Promise<Map<string, KubernetesObject>> {
  const kind = {apiVersion: 'v1', kind: 'ConfigMap'}
  const found = await Promise.all(
    deployments.map(({metadata: {namespace = '', labels}}) =>
      cluster.get({...kind, namespace, name: revisioned('istio', labels?.[revisionLabel])}),
    ),
  )
  return new Map(found.flatMap(map => (map ? [[`${map.metadata.namespace}/${map.metadata.name}`, map] as const] : [])))
}

/** A pod, and its proxy if it has one. */
export interface PodSeen {
  name: string
  namespace: string
  proxy: PodProxy | undefined
  /** What makes it again when it is gone. */
  owner: {kind: string; name: string} | undefined
  /** Says itself that it wants no sidecar. */
  refuses: boolean
  /** Of the host's network, which is never injected. */
  hostNetwork: boolean
}

/** The pods of some namespaces; of all for more than a few. */
export async function readPods(cluster: Cluster, namespaces: readonly string[]): Promise<PodSeen[]> {
  const kind = {apiVersion: 'v1', kind: 'Pod'}
  const wanted = new Set(namespaces)
  const pods =
    namespaces.length > 4
      ? await cluster.list(kind)
      : (await Promise.all(namespaces.map(namespace => cluster.list(kind, {namespace})))).flat()
  return pods
    .filter(({metadata}) => wanted.has(metadata.namespace ?? ''))
    .map(pod => ({
      name: pod.metadata.name,
      namespace: pod.metadata.namespace ?? '',
      proxy: readProxy(pod),
      owner: ownerOf(pod),
      refuses: pod.metadata.labels?.['sidecar.istio.io/inject'] === 'false',
      hostNetwork: (pod.spec as {hostNetwork?: boolean} | undefined)?.hostNetwork === true,
    }))
}

/** The namespaces that belong to a tenant: watched by it and not its own, or asking for its revision. */
export function namespacesOf(tenant: Tenant, facts: Pick<TenantsFacts, 'namespaces' | 'tags'>): KubernetesObject[] {
  return facts.namespaces.filter(namespace => belongsTo(tenant, namespace, facts.tags))
}

function belongsTo(tenant: Tenant, namespace: KubernetesObject, tags: ReadonlyMap<string, string>): boolean {
  if (namespace.metadata.name === tenant.namespace) return false
  const labels = namespace.metadata.labels ?? {}
  const asked =
    labels[revisionLabel] === undefined ? undefined : (tags.get(labels[revisionLabel]) ?? labels[revisionLabel])
  const injected = labels['istio-injection'] === 'enabled' && (tags.get('default') ?? 'default') === tenant.revision
  // one that watches everything has what asks for it
  const watched = tenant.selectors.length > 0 && tenant.selectors.some(selector => fits(selector, labels))
  return watched || asked === tenant.revision || injected
}
