import {type Manager, managerOf} from '../engine/kubernetes/manager.ts'
import type {KubernetesObject} from '../engine/kubernetes/object.ts'
import {type AmbientSettings, ambientSettings} from './ambient.ts'
import {externalCaOf} from './external-ca.ts'
import {goBool, istiodContainer, istiodEnv} from './istiod.ts'
import {type MeshConfig, meshConfigOf, meshTextProblems, parsedMap, trustDomainsOf} from './mesh-config.ts'
import type {LabelSelector} from './selectors.ts'

/** A control plane as its own objects describe it. Values that are not configured are undefined. */
export interface ControlPlane {
  /** `default` for a control plane without a revision. */
  revision: string
  namespace: string
  /** When istiod's Deployment was created. */
  created?: string | undefined
  /** Version in the tag of istiod's image (`1.30.3`), or the whole tag if it contains no version. */
  version: string | undefined
  /** Cluster ID of istiod (env CLUSTER_ID). Istio's default is `Kubernetes`. */
  cluster: string | undefined
  network: string | undefined
  meshId: string | undefined
  /** `cluster.local` if the mesh config does not set it (istio.io/api mesh/v1alpha1). */
  trustDomain: string
  /** `trustDomainAliases` of the mesh config. */
  trustDomainAliases: readonly string[]
  /** Trust domains of the peers that proxies accept: its own, its aliases, and those of `caCertificates`. */
  acceptedTrustDomains: readonly string[]
  /**
   * Why workloads do not get their certificates from istiod, as a setting: `ENABLE_CA_SERVER=false`. No istiod then reads
   * `cacerts`. Undefined if istiod is the CA.
   */
  externalCa: string | undefined
  /** The tool that manages istiod's Deployment; undefined for istioctl, which leaves no mark. */
  manager: Manager | undefined
  /** Proxies answer DNS queries (mesh config, `proxyMetadata.ISTIO_META_DNS_CAPTURE`). Annotations of a pod can override it. */
  capturesDns: boolean
  /** ServiceEntry hosts get addresses: from istiod since 1.25, before that with `ISTIO_META_DNS_AUTO_ALLOCATE`. */
  allocatesAddresses: boolean
  /** istiod also serves remote clusters: it writes root certificates and webhook CA bundles there (env EXTERNAL_ISTIOD). */
  servesRemotes: boolean
  /** istiod lists and watches the Secrets of other clusters: see `readsRemoteSecrets`. */
  readsRemoteSecrets: boolean
  /** What istiod does for pods in ambient mode; undefined if it does not serve them. */
  ambient?: AmbientSettings
  /** Namespaces that istiod watches, in every cluster that it reads (see `isDiscovered`). */
  discoverySelectors: readonly LabelSelector[]
  /** Why the mesh config, or fields of it, cannot be read, in words. The values above lack them. */
  meshConfigProblems: readonly string[]
  replicas: number
  ready: number
}

/**
 * Reads a control plane from the objects that Istio's charts create for it (manifests/charts/istio-control/
 * istio-discovery, 1.24–1.31). Values that are missing or malformed are undefined.
 *
 * @param deployment of istiod
 * @param mesh ConfigMap `istio[-REV]`
 * @param injector ConfigMap `istio-sidecar-injector[-REV]`
 */
export function readControlPlane(
  deployment: KubernetesObject,
  mesh: KubernetesObject | undefined,
  injector: KubernetesObject | undefined,
): ControlPlane {
  const config: Configuration = {
    labels: deployment.metadata.labels ?? {},
    env: istiodEnv(deployment),
    mesh: meshConfigOf(textAt(mesh, 'mesh')),
    values: parsedMap(() => JSON.parse(textAt(injector, 'values'))),
  }
  const version = versionOf(istiodContainer(deployment)?.image)
  const trustDomain = firstOf(precedence.trustDomain, config) ?? 'cluster.local'
  const {aliases, ofCertificates} = trustDomainsOf(config.mesh)
  const ambient = ambientSettings(config.env, config.mesh.serviceScopeConfigs ?? [])
  return {
    revision: firstOf(precedence.revision, config) ?? 'default',
    namespace: deployment.metadata.namespace ?? '',
    version,
    cluster: firstOf(precedence.cluster, config),
    network: firstOf(precedence.network, config),
    meshId: firstOf(precedence.meshId, config),
    trustDomain,
    trustDomainAliases: aliases,
    // TrustDomainsForValidation in pilot/pkg/networking/plugin/authn/util.go, 1.31.
    acceptedTrustDomains: [trustDomain, ...aliases, ...ofCertificates],
    externalCa: externalCaOf(config.env, config.values.global?.caAddress),
    manager: managerOf(deployment),
    capturesDns: proxyMetadataIsTrue(config, 'ISTIO_META_DNS_CAPTURE'),
    allocatesAddresses: allocatesAddresses(config, version),
    servesRemotes: config.env.EXTERNAL_ISTIOD === 'true',
    readsRemoteSecrets: readsRemoteSecrets(config.env, version),
    ...(ambient ? {ambient} : {}),
    discoverySelectors: config.mesh.discoverySelectors ?? [],
    meshConfigProblems: meshTextProblems(textAt(mesh, 'mesh')),
    created: deployment.metadata.creationTimestamp,
    ...replicasOf(deployment),
  }
}

/** Where a control plane is configured. */
interface Configuration {
  /** Labels of istiod's Deployment. */
  labels: Record<string, string>
  env: Record<string, string | undefined>
  mesh: MeshConfig
  /** Helm values in the injector's ConfigMap. */
  values: {
    global?: {network?: string; meshID?: string; multiCluster?: {clusterName?: string}; caAddress?: unknown}
  }
}

type Source = (config: Configuration) => string | undefined

/** The sources of each value, highest precedence first. An empty value counts as not set. */
const precedence = {
  revision: [({env}) => env.REVISION, ({labels}) => labels['istio.io/rev']],
  cluster: [({env}) => env.CLUSTER_ID, ({values}) => values.global?.multiCluster?.clusterName],
  network: [({values}) => values.global?.network],
  meshId: [({mesh}) => mesh.defaultConfig?.meshId, ({values}) => values.global?.meshID],
  trustDomain: [({mesh}) => mesh.trustDomain],
} satisfies Record<string, readonly Source[]>

function firstOf(sources: readonly Source[], config: Configuration): string | undefined {
  for (const source of sources) {
    const value = source(config)
    if (value) return value
  }
  return undefined
}

function proxyMetadataIsTrue({mesh}: Configuration, name: string): boolean {
  return mesh.defaultConfig?.proxyMetadata?.[name] === 'true'
}

function allocatesAddresses(config: Configuration, version: string | undefined): boolean {
  const byIstiod = config.env.PILOT_ENABLE_IP_AUTOALLOCATE !== 'false' && (minorOf(version) ?? 1025) >= 1025
  return byIstiod || proxyMetadataIsTrue(config, 'ISTIO_META_DNS_AUTO_ALLOCATE')
}

/** The variable of istiod that turns off reading the Secrets of other clusters. */
export const remoteSecretsVariable = 'PILOT_ENABLE_REMOTE_CREDENTIALS_CONTROLLER'

/**
 * Returns whether an istiod lists and watches the Secrets of other clusters. An istiod that does, and lacks the
 * permission, does not finish its first synchronization with the other cluster.
 *
 * Source: Istio 1.31, pilot/pkg/credentials/kube/multicluster.go. Earlier versions always read them. The value is parsed
 * by Go's strconv.ParseBool, and an invalid one is ignored.
 */
function readsRemoteSecrets(env: Configuration['env'], version: string | undefined): boolean {
  return goBool(env[remoteSecretsVariable]) !== false || (minorOf(version) ?? 0) < 1031
}

function replicasOf({spec, status}: KubernetesObject): {replicas: number; ready: number} {
  return {
    replicas: (spec as {replicas?: number} | undefined)?.replicas ?? 1,
    ready: (status as {readyReplicas?: number} | undefined)?.readyReplicas ?? 0,
  }
}

function textAt(configMap: KubernetesObject | undefined, key: string): string {
  return (configMap?.data as Record<string, string> | undefined)?.[key] ?? ''
}

/** Returns the tag of an image: `registry/istio/pilot:1.30.3-distroless` → `1.30.3-distroless`. */
export function tagOf(image: string | undefined): string | undefined {
  return image?.replace(/@sha256:.*$/, '').match(/:([^/:]+)$/)?.[1]
}

/** `registry/istio/pilot:1.30.3-distroless` → `1.30.3`. A tag without a version is returned unchanged. */
function versionOf(image: string | undefined): string | undefined {
  const tag = tagOf(image)
  return tag?.match(/^v?(\d+\.\d+(?:\.\d+)?)/)?.[1] ?? tag
}

/**
 * Major and minor version as one number that can be compared: `1.30.3` → 1030. Undefined for a text that is not a
 * version, such as `latest`.
 */
export function minorOf(version: string | undefined): number | undefined {
  const found = version?.match(/^v?(\d+)\.(\d+)/)
  return found ? Number(found[1]) * 1000 + Number(found[2]) : undefined
}
