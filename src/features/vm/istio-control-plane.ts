import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {type ControlPlane, readControlPlane} from '../../istio/control-plane.ts'
import type {LabelSelector} from '../../istio/selectors.ts'
import {loadYaml} from '../../text/yaml.ts'

/** A control plane, with the settings that matter to a machine outside the cluster. */
export interface VmControlPlane extends ControlPlane {
  /** `defaultConfig` of the mesh config. */
  defaultConfig: Record<string, unknown>
  /** The cluster name that the sidecar injector gives to pods. Undefined when it is not configured. */
  injectorCluster: string | undefined
  /** Name of the ConfigMaps that contain the root certificate (env PILOT_CA_CERT_CONFIGMAP, since 1.27). */
  rootConfigMap: string
  /** Machines can register themselves (env PILOT_ENABLE_WORKLOAD_ENTRY_AUTOREGISTRATION). */
  autoRegistration: boolean
  /** istiod processes the probe results of machines (env PILOT_ENABLE_WORKLOAD_ENTRY_HEALTHCHECKS). */
  healthChecks: boolean
  discoverySelectors: LabelSelector[]
}

interface MeshConfig {
  defaultConfig?: Record<string, unknown>
  discoverySelectors?: LabelSelector[]
}

interface InjectorValues {
  global?: {trustBundleName?: string; multiCluster?: {clusterName?: string}}
}

const defaultRootConfigMap = 'istio-ca-root-cert'

/**
 * Reads a control plane from its objects. Istio's default applies to everything that is missing or malformed.
 *
 * @param deployment of istiod
 * @param mesh ConfigMap `istio[-REV]`
 * @param injector ConfigMap `istio-sidecar-injector[-REV]`
 */
export function readVmControlPlane(
  deployment: KubernetesObject,
  mesh: KubernetesObject | undefined,
  injector: KubernetesObject | undefined,
): VmControlPlane {
  const config = parsed<MeshConfig>(() => loadYaml(textAt(mesh, 'mesh')))
  const {global} = parsed<InjectorValues>(() => JSON.parse(textAt(injector, 'values')))
  const env = envOf(deployment)
  return {
    ...readControlPlane(deployment, mesh, injector),
    defaultConfig: config.defaultConfig ?? {},
    injectorCluster: global?.multiCluster?.clusterName || undefined,
    rootConfigMap: env.PILOT_CA_CERT_CONFIGMAP || global?.trustBundleName || defaultRootConfigMap,
    autoRegistration: env.PILOT_ENABLE_WORKLOAD_ENTRY_AUTOREGISTRATION !== 'false',
    healthChecks: env.PILOT_ENABLE_WORKLOAD_ENTRY_HEALTHCHECKS !== 'false',
    discoverySelectors: config.discoverySelectors ?? [],
  }
}

function textAt(configMap: KubernetesObject | undefined, key: string): string {
  return (configMap?.data as Record<string, string> | undefined)?.[key] ?? ''
}

function envOf(deployment: KubernetesObject): Record<string, string | undefined> {
  const spec = deployment.spec as
    | {template?: {spec?: {containers?: {name: string; env?: {name: string; value?: string}[]}[]}}}
    | undefined
  const container = spec?.template?.spec?.containers?.find(({name}) => name === 'discovery')
  return Object.fromEntries((container?.env ?? []).map(({name, value}) => [name, value]))
}

/** The parsed text as an object, empty when it is malformed. Checks of the control plane report a malformed mesh config. */
function parsed<T extends object>(parse: () => unknown): Partial<T> {
  try {
    const value = parse()
    return typeof value === 'object' && value !== null ? (value as T) : {}
  } catch {
    return {}
  }
}
