import {type ApplySet, applySetId, applySetParentRef} from './applyset.ts'
import type {Apply, Remove} from './change.ts'
import {managedByLabels} from './labels.ts'
import {groupOf} from './object.ts'
import {waves} from './waves.ts'

/** Label of a parent. Its value is the id of the set. */
export const idLabel = 'applyset.kubernetes.io/id'
const toolingAnnotation = 'applyset.kubernetes.io/tooling'
const kindsAnnotation = 'applyset.kubernetes.io/contains-group-kinds'

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
  return {action: 'remove', cluster, wave: waves.records, target: applySetParentRef(set)}
}
