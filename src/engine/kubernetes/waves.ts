import {multiClusterLabel} from './labels.ts'
import type {KubernetesObject} from './object.ts'

/**
 * The order of changes within one cluster, safe at every prefix: what is killed after any wave leaves a mesh that works
 * as before. Remote Secrets come last, since from then on traffic may leave the cluster. Only a remote cluster has more to
 * come: what makes it ask the primary's istiod, once that knows it, and then what is injected. Removal runs the other way round.
 */
export const waves = {
  namespaces: 10,
  ca: 20,
  controlPlane: 30,
  gateways: 40,
  exposure: 50,
  credentials: 60,
  remoteSecrets: 70,
  remoteControlPlane: 80,
  remoteGateways: 90,
} as const

export type Wave = (typeof waves)[keyof typeof waves]

/** Where a removal stands in the order; the same as where the object was made. */
export function waveOf(object: KubernetesObject): Wave {
  switch (object.kind) {
    case 'Secret':
      return object.metadata.labels?.[multiClusterLabel] ? waves.remoteSecrets : waves.credentials
    case 'ClusterRole':
    case 'ClusterRoleBinding':
      return waves.credentials
    case 'ServiceAccount':
      return object.metadata.labels?.app === 'istio-reader' ? waves.credentials : waves.gateways
    case 'Gateway':
    case 'VirtualService':
      return waves.exposure
    case 'ConfigMap':
    case 'Namespace':
      return waves.namespaces
    default:
      return waves.gateways
  }
}
