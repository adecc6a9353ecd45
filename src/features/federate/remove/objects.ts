import type {ApplySet} from '../../../engine/kubernetes/applyset.ts'
import {applySetParentRemoval} from '../../../engine/kubernetes/applyset-parent.ts'
import type {Change, Edit, FieldEdit, Remove} from '../../../engine/kubernetes/change.ts'
import {controlPlaneClustersAnnotation, networkLabel, peerAnnotation} from '../../../engine/kubernetes/labels.ts'
import {type KubernetesObject, refOf} from '../../../engine/kubernetes/object.ts'
import {waveOf, waves} from '../../../engine/kubernetes/waves.ts'
import {ownersOf} from '../../../engine/plan/managed.ts'
import {removalOf} from '../../../engine/plan/prune.ts'

/** The objects of a cluster that stays in the mesh. */
export interface Peer {
  cluster: string
  /** Objects that kubectl-mesh created, according to the record. Remote Secrets included. */
  created: readonly KubernetesObject[]
  /** Remote Secrets that kubectl-mesh did not create. */
  foreignSecrets: readonly KubernetesObject[]
}

/**
 * The changes in a cluster that stays. Removes the remote Secrets of the leaving clusters, regardless of their owner, or
 * their keys in a Secret with other keys. Removes the token Secrets of the leaving clusters, which revokes the tokens.
 *
 * @param leaving registration keys of the leaving clusters: names and UIDs
 */
export function buildPeerCleanup({cluster, created, foreignSecrets}: Peer, leaving: readonly string[]): Change[] {
  const isRemote = (object: KubernetesObject) => waveOf(object) === waves.remoteSecrets
  const tokens = created.filter(
    object => !isRemote(object) && leaving.includes(object.metadata.annotations?.[peerAnnotation] ?? ''),
  )
  return [
    ...[...created.filter(isRemote), ...foreignSecrets].flatMap(secret => withoutKeys(cluster, secret, leaving)),
    ...tokens.map(secret => removal(cluster, secret)),
  ]
}

/** The keys under which a remote Secret registers clusters: its data keys, names or UIDs. */
export function clusterKeys(secret: KubernetesObject): string[] {
  return Object.keys((secret.data ?? {}) as object)
}

/** istiod stops watching the clusters of the removed keys, and keeps watching the others. */
function withoutKeys(cluster: string, secret: KubernetesObject, keys: readonly string[]): Change[] {
  const all = clusterKeys(secret)
  const left = all.filter(key => keys.includes(key))
  if (left.length === 0) return []
  return [left.length === all.length ? removal(cluster, secret) : removalOfKeys(cluster, secret, left)]
}

function removalOfKeys(cluster: string, secret: KubernetesObject, keys: readonly string[]): Edit {
  return {
    action: 'edit',
    cluster,
    wave: waves.remoteSecrets,
    target: refOf(secret),
    // The user named these clusters.
    edits: keys.map(key => ({at: 'data', key, value: undefined, anyOwner: true})),
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

/** What a removal needs to know beside the leaving cluster. */
export interface LeaverFrame {
  set: ApplySet
  /** Field manager of our writes. */
  manager: string
  /** Registration keys of all clusters of the run: names and UIDs. */
  keys: readonly string[]
}

/**
 * The changes in a cluster that leaves. Removes everything that was created there, the remote Secrets for the clusters that
 * the user named, and the label and annotation of the system namespace if kubectl-mesh has set them. The namespace stays,
 * and so do `cacerts`, because the certificate of every workload depends on it, and credentials of other owners for
 * clusters that the user did not name.
 */
export function buildLeaverCleanup(leaver: Leaver, {set, manager, keys}: LeaverFrame): Change[] {
  const {cluster, created, foreignSecrets, systemNamespace} = leaver
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
    ...created.flatMap(object => {
      const kept = foreignKeys(object, manager, keys)
      return kept.length === 0
        ? removal(cluster, object)
        : withoutKeys(
            cluster,
            object,
            clusterKeys(object).filter(key => !kept.includes(key)),
          )
    }),
    ...foreignSecrets.flatMap(secret => withoutKeys(cluster, secret, keys)),
    ...namespaceEdits,
    applySetParentRemoval(set, cluster),
  ]
}

/** The keys that another field manager has added to our remote Secret, for clusters that the user did not name. */
function foreignKeys(object: KubernetesObject, manager: string, keys: readonly string[]): string[] {
  if (waveOf(object) !== waves.remoteSecrets) return []
  const isForeign = (key: string) => ownersOf(object, ['f:data', `f:${key}`]).some(owner => owner !== manager)
  return clusterKeys(object).filter(key => !keys.includes(key) && isForeign(key))
}

function removal(cluster: string, object: KubernetesObject): Remove {
  return removalOf(cluster, object, waveOf(object))
}
