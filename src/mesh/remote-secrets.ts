import {remoteClusterAnnotation} from '../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../engine/kubernetes/object.ts'
import {names} from '../istio/names.ts'
import {remembering} from '../text/remembering.ts'
import {type FederationFacts, isCreated} from './facts.ts'

/** A kubeconfig for another cluster, found in a remote Secret. */
export interface FoundCredential {
  /** Name of the cluster that it gives access to. */
  target: string
  secret: KubernetesObject
  /** kubectl-mesh created the Secret, according to the record. */
  ours: boolean
  kubeconfig: string
}

const decoded = remembering(data => Buffer.from(data, 'base64').toString('utf8'))

/** Returns all credentials that a cluster holds. Each data key of a remote Secret is the name of a cluster. */
export function credentialsIn(facts: Pick<FederationFacts, 'remoteSecrets' | 'created'>): FoundCredential[] {
  return facts.remoteSecrets.flatMap(secret => {
    const ours = isCreated(secret, facts)
    return Object.entries((secret.data ?? {}) as Record<string, string>).map(([target, data]) => ({
      target,
      secret,
      ours,
      kubeconfig: decoded(data),
    }))
  })
}

/**
 * Returns the cluster that a remote Secret gives access to: its annotation, otherwise its key if it has exactly one.
 */
export function remoteClusterOf(secret: KubernetesObject): string | undefined {
  const keys = Object.keys((secret.data ?? {}) as object)
  return secret.metadata.annotations?.[remoteClusterAnnotation] ?? (keys.length === 1 ? keys[0] : undefined)
}

/** Returns whether a Secret is the bundled Secret, which holds the credentials for several clusters. */
export function isBundle(secret: KubernetesObject): boolean {
  return secret.metadata.name === names.bundledSecret
}
