import type {ApplySet} from '../../../engine/kubernetes/applyset.ts'
import type {Change, Edit, FieldEdit, Remove} from '../../../engine/kubernetes/change.ts'
import {
  controlPlaneClustersAnnotation,
  multiClusterLabel,
  networkLabel,
  peerAnnotation,
} from '../../../engine/kubernetes/labels.ts'
import {type KubernetesObject, refKey, refOf} from '../../../engine/kubernetes/object.ts'
import {waveOf, waves} from '../../../engine/kubernetes/waves.ts'

/** What was found in a cluster that others leave. */
export interface Survivor {
  cluster: string
  /** Secrets with kubeconfigs for istiod. */
  remoteSecrets: readonly KubernetesObject[]
  /** Members of our ApplySet. */
  made: readonly KubernetesObject[]
}

/**
 * What a cluster that stays does about those that leave: it forgets them (their remote Secrets, whoever made them, or
 * their keys in a bundled one) and revokes the tokens that they hold for it.
 */
export function buildPeerCleanup(survivor: Survivor, leaving: readonly string[]): Change[] {
  const {cluster} = survivor
  const forgets = survivor.remoteSecrets.flatMap((secret): Change[] => {
    const keys = Object.keys((secret.data ?? {}) as object)
    const theirs = keys.filter(key => leaving.includes(key))
    if (theirs.length === 0) return []
    if (theirs.length === keys.length) return [remove(cluster, secret)]
    return [dropKeys(cluster, secret, theirs)]
  })
  const revokes = survivor.made.filter(({metadata}) => leaving.includes(metadata.annotations?.[peerAnnotation] ?? ''))
  return [...forgets, ...revokes.map(secret => remove(cluster, secret))]
}

/** A bundled Secret loses some keys and keeps the rest: istiod drops exactly those clusters. */
function dropKeys(cluster: string, secret: KubernetesObject, keys: readonly string[]): Edit {
  return {
    action: 'edit',
    cluster,
    wave: waves.remoteSecrets,
    target: refOf(secret),
    edits: keys.map(key => ({at: 'data', key, value: undefined})),
  }
}

/** What was found in a cluster that leaves. */
export interface Leaver {
  cluster: string
  systemNamespace: KubernetesObject | undefined
  remoteSecrets: readonly KubernetesObject[]
  made: readonly KubernetesObject[]
  /** The network label of the system namespace is of our making. */
  ownsNetworkLabel: boolean
  /** So is its annotation that says whose istiod may write there. */
  ownsAnnotation: boolean
}

/**
 * What goes in a cluster that leaves: all that was made there, the remote Secrets for the others, the network label and
 * the annotation if they are ours. `cacerts` stays, since every workload's certificate hangs on it; so does the namespace.
 */
export function buildLeaverCleanup(leaver: Leaver, set: ApplySet, others: readonly string[]): Change[] {
  const {cluster, made, systemNamespace} = leaver
  const remotes = leaver.remoteSecrets.filter(secret =>
    Object.keys((secret.data ?? {}) as object).some(key => others.includes(key)),
  )
  const objects = new Map([...made, ...remotes].map(object => [refKey(refOf(object)), object]))
  const parent: Remove = {
    action: 'remove',
    cluster,
    wave: waves.namespaces,
    target: {apiVersion: 'v1', kind: 'ConfigMap', namespace: set.namespace, name: set.name},
  }
  const edits: FieldEdit[] = [
    ...(leaver.ownsNetworkLabel ? [{at: 'label', key: networkLabel, value: undefined} as const] : []),
    ...(leaver.ownsAnnotation
      ? [{at: 'annotation', key: controlPlaneClustersAnnotation, value: undefined} as const]
      : []),
  ]
  const label: Edit[] =
    systemNamespace && edits.length > 0
      ? [{action: 'edit', cluster, wave: waves.namespaces, target: refOf(systemNamespace), edits}]
      : []
  return [...[...objects.values()].map(object => remove(cluster, object)), ...label, parent]
}

function remove(cluster: string, object: KubernetesObject): Remove {
  const remote = object.metadata.labels?.[multiClusterLabel] !== undefined
  return {action: 'remove', cluster, wave: remote ? waves.remoteSecrets : waveOf(object), target: refOf(object)}
}
