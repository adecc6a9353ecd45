import type {KubernetesObject} from '../engine/kubernetes/object.ts'
import {loadYaml} from '../text/yaml.ts'

/** A control plane as its own objects describe it. Undefined means that nothing says it. */
export interface ControlPlane {
  /** `default` when it has no revision. */
  revision: string
  namespace: string
  /** Of istiod's image: `1.30.3`, or the tag as it is. */
  version: string | undefined
  /** What istiod calls its cluster (env CLUSTER_ID; `Kubernetes` when nobody named it). */
  cluster: string | undefined
  network: string | undefined
  meshId: string | undefined
  /** `cluster.local` when the mesh config says nothing (istio.io/api mesh/v1alpha1). */
  trustDomain: string
  /** Its proxies answer DNS queries (mesh config, `proxyMetadata.ISTIO_META_DNS_CAPTURE`); pods may say otherwise. */
  capturesDns: boolean
  /** Hosts of ServiceEntries get addresses: by istiod itself since 1.25, before by `ISTIO_META_DNS_AUTO_ALLOCATE`. */
  allocatesAddresses: boolean
  /** It serves remote clusters too: writes its root into their namespaces and its authority into their webhooks (env EXTERNAL_ISTIOD). */
  servesRemotes: boolean
  replicas: number
  ready: number
}

/**
 * Puts a control plane together from istiod's Deployment, the ConfigMap `istio[-rev]` (key `mesh`) and the ConfigMap
 * `istio-sidecar-injector[-rev]` (key `values`), as Istio's charts write them (manifests/charts/istio-control/
 * istio-discovery, 1.24–1.31). What is missing or unreadable is undefined.
 */
export function readControlPlane(
  deployment: KubernetesObject,
  mesh: KubernetesObject | undefined,
  injector: KubernetesObject | undefined,
): ControlPlane {
  const spec = deployment.spec as DeploymentSpec | undefined
  const status = deployment.status as {readyReplicas?: number} | undefined
  const container = spec?.template?.spec?.containers?.find(({name}) => name === 'discovery')
  const env = (name: string) => container?.env?.find(entry => entry.name === name)?.value
  const config = parsed<MeshConfig>(() => loadYaml(textAt(mesh, 'mesh')))
  const values = parsed<InjectorValues>(() => JSON.parse(textAt(injector, 'values')))
  const version = versionOf(container?.image)
  const metadata = config?.defaultConfig?.proxyMetadata ?? {}
  return {
    revision: env('REVISION') ?? deployment.metadata.labels?.['istio.io/rev'] ?? 'default',
    namespace: deployment.metadata.namespace ?? '',
    version,
    cluster: env('CLUSTER_ID') || values?.global?.multiCluster?.clusterName || undefined,
    network: values?.global?.network || undefined,
    meshId: config?.defaultConfig?.meshId || values?.global?.meshID || undefined,
    trustDomain: config?.trustDomain || 'cluster.local',
    capturesDns: metadata.ISTIO_META_DNS_CAPTURE === 'true',
    allocatesAddresses:
      (env('PILOT_ENABLE_IP_AUTOALLOCATE') !== 'false' && (minorOf(version) ?? 1025) >= 1025) ||
      metadata.ISTIO_META_DNS_AUTO_ALLOCATE === 'true',
    servesRemotes: env('EXTERNAL_ISTIOD') === 'true',
    replicas: spec?.replicas ?? 1,
    ready: status?.readyReplicas ?? 0,
  }
}

interface DeploymentSpec {
  replicas?: number
  template?: {spec?: {containers?: {name: string; image?: string; env?: {name: string; value?: string}[]}[]}}
}

interface MeshConfig {
  trustDomain?: string
  defaultConfig?: {meshId?: string; proxyMetadata?: Record<string, unknown>}
}

interface InjectorValues {
  global?: {network?: string; meshID?: string; multiCluster?: {clusterName?: string}}
}

function textAt(configMap: KubernetesObject | undefined, key: string): string {
  return (configMap?.data as Record<string, string> | undefined)?.[key] ?? ''
}

/** What can't be read says nothing; a check of its own tells about a broken mesh config. */
function parsed<T>(read: () => unknown): T | undefined {
  try {
    return (read() ?? undefined) as T | undefined
  } catch {
    return undefined
  }
}

/** `registry/istio/pilot:1.30.3-distroless` → `1.30.3`; a tag that is no version stays as it is. */
function versionOf(image: string | undefined): string | undefined {
  const tag = image?.replace(/@sha256:.*$/, '').match(/:([^/:]+)$/)?.[1]
  return tag?.match(/^v?(\d+\.\d+(?:\.\d+)?)/)?.[1] ?? tag
}

/** Major and minor as one number that compares: `1.30.3` → 1030; undefined when it is no version (`latest`). */
export function minorOf(version: string | undefined): number | undefined {
  const found = version?.match(/^v?(\d+)\.(\d+)/)
  return found ? Number(found[1]) * 1000 + Number(found[2]) : undefined
}
