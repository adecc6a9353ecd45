import type {Cluster} from '../engine/cluster/cluster.ts'
import {type ApplySet, applySetId, applySetParentRef, partOfLabel} from '../engine/kubernetes/applyset.ts'
import {idLabel} from '../engine/kubernetes/applyset-parent.ts'
import type {Remove} from '../engine/kubernetes/change.ts'
import type {KubernetesObject} from '../engine/kubernetes/object.ts'
import {waves} from '../engine/kubernetes/waves.ts'
import {removalOf} from '../engine/plan/prune.ts'

/**
 * What version 0.1.0 left of a set whose parent was in a namespace that others can write. It proves nothing: everyone who can
 * write there can create the same objects.
 */
export interface FormerSet {
  /** The ConfigMap that was the parent. */
  parent: KubernetesObject | undefined
  /** Objects with the label of the former set, in the namespace of its parent only. */
  objects: readonly KubernetesObject[]
}

/**
 * Reads what carries the label of a set's former set.
 *
 * @throws ApiError, UnreachableError
 */
export async function readFormerSet(cluster: Cluster, {former, kinds}: ApplySet): Promise<FormerSet> {
  if (!former) return {parent: undefined, objects: []}
  const {namespace} = former
  const id = applySetId(former)
  const [parent, ...lists] = await Promise.all([
    cluster.get(applySetParentRef({...former, kinds})),
    ...kinds.map(kind => cluster.list(kind, {namespace, labelSelector: `${partOfLabel}=${id}`})),
  ])
  return {parent: parent?.metadata.labels?.[idLabel] === id ? parent : undefined, objects: lists.flat()}
}

/** Returns the removal of a former parent, if there is one. */
export function formerParentRemoval({parent}: FormerSet, cluster: string): Remove[] {
  return parent ? [removalOf(cluster, parent, waves.namespaces)] : []
}
