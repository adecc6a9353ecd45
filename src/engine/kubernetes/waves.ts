import {multiClusterLabel} from './labels.ts'
import type {KubernetesObject} from './object.ts'

/**
 * The order of changes within one cluster. It is safe at every prefix: a run that is killed after any wave leaves a
 * mesh that works as before.
 *
 * Remote Secrets follow all other waves of a primary, because they allow traffic to leave the cluster. Two waves follow
 * for a remote cluster: the Service and webhook that point to the primary's istiod, once that istiod watches the cluster,
 * and then the pods that it injects. Removals run in the opposite order.
 */
export const waves = {
  /** Proof of the records: it exists longer than they do. */
  proof: 5,
  /** Only removals: the list of members goes after the last member. It is created with the namespaces, one of which holds it. */
  records: 8,
  namespaces: 10,
  ca: 20,
  controlPlane: 30,
  /** What a gateway listens on: its new pods have it from the beginning. Only applies; removals follow the gateway's clients. */
  listeners: 35,
  gateways: 40,
  exposure: 50,
  credentials: 60,
  remoteSecrets: 70,
  remoteControlPlane: 80,
  remoteGateways: 90,
} as const

export type Wave = (typeof waves)[keyof typeof waves]

/** Waves by kind; every other kind belongs to the gateways. */
const waveOfKind: ReadonlyMap<string, Wave> = new Map<string, Wave>([
  ['Namespace', waves.namespaces],
  ['ConfigMap', waves.namespaces],
  ['Gateway', waves.exposure],
  ['VirtualService', waves.exposure],
  ['Secret', waves.credentials],
  ['ClusterRole', waves.credentials],
  ['ClusterRoleBinding', waves.credentials],
])

/** Returns the wave in which an object is removed, which is the wave in which it was created. */
export function waveOf({kind, metadata: {labels}}: KubernetesObject): Wave {
  if (kind === 'Secret' && labels?.[multiClusterLabel]) return waves.remoteSecrets
  if (kind === 'ServiceAccount' && labels?.app === 'istio-reader') return waves.credentials
  return waveOfKind.get(kind) ?? waves.gateways
}
