import {createHash} from 'node:crypto'
import type {Apply, Remove} from './change.ts'
import {managedByLabels} from './labels.ts'
import {groupOf, type KubernetesObject, type ObjectKind} from './object.ts'
import {waves} from './waves.ts'

// kubectl's ApplySets (Kubernetes KEP-3659). A parent object represents a set, and each member has the set's id as a
// label.
// The record is in the cluster itself, so `remove` and prune find exactly what a command created, from any machine.

/** Label of a member. Its value is the id of the set. */
export const partOfLabel = 'applyset.kubernetes.io/part-of'
const idLabel = 'applyset.kubernetes.io/id'
const toolingAnnotation = 'applyset.kubernetes.io/tooling'
const kindsAnnotation = 'applyset.kubernetes.io/contains-group-kinds'

/** The objects of one command in one cluster. */
export interface ApplySet {
  /** Name of the parent ConfigMap: `kubectl-mesh-federation`. */
  name: string
  namespace: string
  /** All kinds that the command can create. A removal searches these kinds for members. */
  kinds: readonly ObjectKind[]
}

/** Returns the id of a set: a hash of its parent's name, namespace, kind and group (KEP-3659, "ApplySet ID"). */
export function applySetId(set: ApplySet): string {
  const hash = createHash('sha256').update(`${set.name}.${set.namespace}.ConfigMap.`).digest('base64url')
  return `applyset-${hash}-v1`
}

/** Returns a copy of an object with the label that makes it a member of a set. */
export function asMember(object: KubernetesObject, id: string): KubernetesObject {
  return {...object, metadata: {...object.metadata, labels: {...object.metadata.labels, [partOfLabel]: id}}}
}

/**
 * Returns the change that creates or updates the parent of a set.
 *
 * @param cluster name of the cluster in the mesh
 * @param data the command's record about the cluster, read again by later runs
 */
export function applySetParent(set: ApplySet, cluster: string, data: Record<string, string>): Apply {
  const kinds = new Set(
    set.kinds.map(({apiVersion, kind}) => (groupOf(apiVersion) ? `${kind}.${groupOf(apiVersion)}` : kind)),
  )
  return {
    action: 'apply',
    cluster,
    wave: waves.namespaces,
    object: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: set.name,
        namespace: set.namespace,
        labels: {...managedByLabels, [idLabel]: applySetId(set)},
        annotations: {[toolingAnnotation]: 'kubectl-mesh/v1', [kindsAnnotation]: [...kinds].sort().join(',')},
      },
      data,
    },
    // A parent is not a member of its set.
    stays: true,
  }
}

/**
 * The removal of a set's parent object. Its wave is the last of a removal, so that an interrupted one keeps the record.
 */
export function applySetParentRemoval(set: ApplySet, cluster: string): Remove {
  const target = {apiVersion: 'v1', kind: 'ConfigMap', namespace: set.namespace, name: set.name}
  return {action: 'remove', cluster, wave: waves.namespaces, target}
}
