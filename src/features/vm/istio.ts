import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {type ControlPlane, readControlPlane} from '../../istio/control-plane.ts'
import type {LabelSelector} from '../../istio/selectors.ts'
import {loadYaml} from '../../text/yaml.ts'

/** A control plane with what a machine outside the cluster has to know of it. */
export interface VmControlPlane extends ControlPlane {
  /** The text under `mesh` of ConfigMap `istio[-rev]`; empty when it is not there. */
  meshText: string
  /** `defaultConfig` of the mesh config, as it stands there. */
  defaultConfig: Record<string, unknown>
  /** What its injector calls the cluster; undefined when nobody named it. */
  injectorCluster: string | undefined
  /** Name of the ConfigMaps that hold the root (env PILOT_CA_CERT_CONFIGMAP, 1.27 on). */
  rootConfigMap: string
  /** Names beyond its own that its certificate has (env ISTIOD_CUSTOM_HOST). */
  customHosts: string[]
  /** false: machines can't register themselves (env PILOT_ENABLE_WORKLOAD_ENTRY_AUTOREGISTRATION). */
  autoRegistration: boolean
  /** false: probes of machines are not heard (env PILOT_ENABLE_WORKLOAD_ENTRY_HEALTHCHECKS). */
  healthChecks: boolean
  /** The mesh config tells proxies to answer DNS queries. */
  capturesDns: boolean
  discoverySelectors: LabelSelector[]
}

interface MeshConfig {
  defaultConfig?: Record<string, unknown> & {proxyMetadata?: Record<string, string>}
  discoverySelectors?: LabelSelector[]
}

interface Values {
  global?: {trustBundleName?: string; multiCluster?: {clusterName?: string}}
}

/** Reads a control plane's objects: istiod's Deployment, ConfigMaps `istio[-rev]` and `istio-sidecar-injector[-rev]`. */
export function readVmControlPlane(
  deployment: KubernetesObject,
  mesh: KubernetesObject | undefined,
  injector: KubernetesObject | undefined,
): VmControlPlane {
  const meshText = dataOf(mesh).mesh ?? ''
  const config = quietly<MeshConfig>(() => loadYaml(meshText)) ?? {}
  const values = quietly<Values>(() => JSON.parse(dataOf(injector).values ?? '')) ?? {}
  const env = envOf(deployment)
  return {
    ...readControlPlane(deployment, mesh, injector),
    meshText,
    defaultConfig: config.defaultConfig ?? {},
    injectorCluster: values.global?.multiCluster?.clusterName || undefined,
    rootConfigMap: env.PILOT_CA_CERT_CONFIGMAP || values.global?.trustBundleName || 'istio-ca-root-cert',
    customHosts: (env.ISTIOD_CUSTOM_HOST ?? '').split(',').filter(host => host !== ''),
    autoRegistration: env.PILOT_ENABLE_WORKLOAD_ENTRY_AUTOREGISTRATION !== 'false',
    healthChecks: env.PILOT_ENABLE_WORKLOAD_ENTRY_HEALTHCHECKS !== 'false',
    capturesDns: config.defaultConfig?.proxyMetadata?.ISTIO_META_DNS_CAPTURE === 'true',
    discoverySelectors: config.discoverySelectors ?? [],
  }
}

function dataOf(configMap: KubernetesObject | undefined): Record<string, string | undefined> {
  return (configMap?.data ?? {}) as Record<string, string | undefined>
}

function envOf(deployment: KubernetesObject): Record<string, string | undefined> {
  const spec = deployment.spec as
    | {template?: {spec?: {containers?: {name: string; env?: {name: string; value?: string}[]}[]}}}
    | undefined
  const container = spec?.template?.spec?.containers?.find(({name}) => name === 'discovery')
  return Object.fromEntries((container?.env ?? []).map(({name, value}) => [name, value]))
}

/** What can't be read says nothing; a check of its own tells about a broken mesh config. */
function quietly<T extends object>(read: () => unknown): T | undefined {
  try {
    const value = read()
    return typeof value === 'object' && value !== null ? (value as T) : undefined
  } catch {
    return undefined
  }
}
