import type {Edit} from '../../../engine/kubernetes/change.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {waves} from '../../../engine/kubernetes/waves.ts'
import {deprecatedLocalityLabels, type Locality, localityLabels, localityParts} from '../istio.ts'
import {recordEdit} from './objects-undo.ts'

/** A locality label of a node that has another value than requested. */
export interface LabelConflict {
  node: KubernetesObject
  label: string
  value: string
  requested: string
}

/**
 * The edit that labels a node with its locality. Parts that are not requested are copied from the deprecated labels,
 * where the current label is missing. An annotation stores the former values. Undefined if the node has all labels already.
 *
 * @param requested empty parts are not requested
 */
export function buildNodeLabels(cluster: string, node: KubernetesObject, requested: Locality): Edit | undefined {
  const labels = node.metadata.labels ?? {}
  const deprecated: Partial<Record<keyof Locality, string>> = deprecatedLocalityLabels
  const edits = localityParts.flatMap(part => {
    const key = localityLabels[part]
    const copied = labels[key] ? '' : (labels[deprecated[part] ?? ''] ?? '')
    const value = requested[part] || copied
    return value === '' || value === labels[key] ? [] : [{at: 'label' as const, key, value}]
  })
  if (edits.length === 0) return undefined
  return {
    action: 'edit',
    cluster,
    wave: waves.namespaces,
    target: {apiVersion: 'v1', kind: 'Node', name: node.metadata.name},
    edits: [...edits, recordEdit(node, edits)],
  }
}

/** The locality labels of a node that the requested locality would replace. */
export function labelConflicts(node: KubernetesObject, requested: Locality): LabelConflict[] {
  const labels = node.metadata.labels ?? {}
  return localityParts.flatMap(part => {
    const label = localityLabels[part]
    const value = labels[label]
    return value && requested[part] && value !== requested[part]
      ? [{node, label, value, requested: requested[part]}]
      : []
  })
}
