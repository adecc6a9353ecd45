import {type ApplySet, applySetParentRemoval} from '../../../engine/kubernetes/applyset.ts'
import type {Change, Edit, FieldEdit, Remove} from '../../../engine/kubernetes/change.ts'
import {
  controlPlaneClustersAnnotation,
  multiClusterLabel,
  networkLabel,
  peerAnnotation,
} from '../../../engine/kubernetes/labels.ts'
import {type KubernetesObject, refKey, refOf} from '../../../engine/kubernetes/object.ts'
import {waveOf, waves} from '../../../engine/kubernetes/waves.ts'

/** The objects of a cluster that stays in the mesh. */
export interface Peer {
  cluster: string
  /** Secrets with kubeconfigs for istiod. */
  remoteSecrets: readonly KubernetesObject[]
  /** Members of the federation's ApplySet. */
  created: readonly KubernetesObject[]
}

/**
 * The changes in a cluster that stays. Removes the remote Secrets of the leaving clusters, regardless of their owner, or
 * their keys in a bundled Secret. Removes the token Secrets of the leaving clusters, which revokes the tokens.
 *
 * @param leaving names of the leaving clusters
 */
export function buildPeerCleanup(peer: Peer, leaving: readonly string[]): Change[] {
  const {cluster} = peer
  const remotes = peer.remoteSecrets.flatMap((secret): Change[] => {
    const keys = clusterKeys(secret)
    const left = keys.filter(key => leaving.includes(key))
    if (left.length === 0) return []
    return left.length === keys.length ? [removalOf(cluster, secret)] : [removalOfKeys(cluster, secret, left)]
  })
  const tokens = peer.created.filter(({metadata}) => leaving.includes(metadata.annotations?.[peerAnnotation] ?? ''))
  return [...remotes, ...tokens.map(secret => removalOf(cluster, secret))]
}

/** The names of the clusters that a remote Secret registers: its data keys. */
export function clusterKeys(secret: KubernetesObject): string[] {
  return Object.keys((secret.data ?? {}) as object)
}

/** istiod stops watching the clusters of the removed keys, and keeps watching the others. */
function removalOfKeys(cluster: string, secret: KubernetesObject, keys: readonly string[]): Edit {
  return {
    action: 'edit',
    cluster,
    wave: waves.remoteSecrets,
    target: refOf(secret),
    edits: keys.map(key => ({at: 'data', key, value: undefined})),
  }
}

/** The objects of a cluster that leaves the mesh. */
export interface Leaver extends Peer {
  systemNamespace: KubernetesObject | undefined
  /** kubectl-mesh has set the network label of the system namespace. */
  ownsNetworkLabel: boolean
  /** kubectl-mesh has set the annotation `topology.istio.io/controlPlaneClusters` of the system namespace. */
  ownsAnnotation: boolean
}

/**
 * The changes in a cluster that leaves. Removes everything that was created there, the remote Secrets for clusters of the
 * mesh, and the label and annotation of the system namespace if kubectl-mesh has set them. The namespace stays, and so does
 * `cacerts`, because the certificate of every workload depends on it.
 *
 * @param others names of the other clusters of the mesh
 */
export function buildLeaverCleanup(leaver: Leaver, set: ApplySet, others: readonly string[]): Change[] {
  const {cluster, created, systemNamespace} = leaver
  const remotes = leaver.remoteSecrets.filter(secret => clusterKeys(secret).some(key => others.includes(key)))
  const objects = new Map([...created, ...remotes].map(object => [refKey(refOf(object)), object]))
  const edits: FieldEdit[] = [
    ...(leaver.ownsNetworkLabel ? [{at: 'label', key: networkLabel, value: undefined} as const] : []),
    ...(leaver.ownsAnnotation
      ? [{at: 'annotation', key: controlPlaneClustersAnnotation, value: undefined} as const]
      : []),
  ]
  const namespaceEdits: Edit[] =
    systemNamespace && edits.length > 0
      ? [{action: 'edit', cluster, wave: waves.namespaces, target: refOf(systemNamespace), edits}]
      : []
  return [
    ...[...objects.values()].map(object => removalOf(cluster, object)),
    ...namespaceEdits,
    applySetParentRemoval(set, cluster),
  ]
}

function removalOf(cluster: string, object: KubernetesObject): Remove {
  const isRemoteSecret = object.metadata.labels?.[multiClusterLabel] !== undefined
  return {action: 'remove', cluster, wave: isRemoteSecret ? waves.remoteSecrets : waveOf(object), target: refOf(object)}
}
