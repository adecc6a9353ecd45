import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {type ControlPlane, readControlPlane} from '../../istio/control-plane.ts'
import {istiodEnv} from '../../istio/istiod.ts'
import {parsedMap} from '../../istio/mesh-config.ts'
import type {LabelSelector} from '../../istio/selectors.ts'
import {readMeshConfig} from './istio-mesh-config.ts'

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
  /** Values of the mesh config that Istio would reject, as messages. No bundle is created from such a mesh config. */
  invalid: string[]
}

interface InjectorValues {
  global?: {trustBundleName?: unknown; multiCluster?: {clusterName?: unknown}}
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
  const config = readMeshConfig(textAt(mesh, 'mesh'))
  const {global}: InjectorValues = parsedMap(() => JSON.parse(textAt(injector, 'values')))
  const env = istiodEnv(deployment)
  return {
    ...readControlPlane(deployment, mesh, injector),
    defaultConfig: config.defaultConfig,
    injectorCluster: textOf(global?.multiCluster?.clusterName),
    rootConfigMap: textOf(env.PILOT_CA_CERT_CONFIGMAP) ?? textOf(global?.trustBundleName) ?? defaultRootConfigMap,
    autoRegistration: env.PILOT_ENABLE_WORKLOAD_ENTRY_AUTOREGISTRATION !== 'false',
    healthChecks: env.PILOT_ENABLE_WORKLOAD_ENTRY_HEALTHCHECKS !== 'false',
    discoverySelectors: config.discoverySelectors,
    invalid: config.invalid,
  }
}

/** A value of the cluster if it is text that is not empty. */
function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function textAt(configMap: KubernetesObject | undefined, key: string): string {
  return (configMap?.data as Record<string, string> | undefined)?.[key] ?? ''
}
