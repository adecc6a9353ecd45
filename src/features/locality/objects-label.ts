import type {Edit} from '../../engine/kubernetes/change.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {waves} from '../../engine/kubernetes/waves.ts'
import {type Locality, localityLabels, localityOfNode, oldLocalityLabels} from './istio.ts'

/** A label of a node that says something else than what is wanted. */
export interface Contradiction {
  node: KubernetesObject
  label: string
  value: string
  wanted: string
}

/**
 * The labels that make a node's place known, as an edit; what is there already is not spoken of. What nobody said is
 * taken from the labels of old, if the node has them.
 *
 * @param wanted parts that are empty are not said
 */
export function buildNodeLabels(cluster: string, node: KubernetesObject, wanted: Locality): Edit | undefined {
  const labels = node.metadata.labels ?? {}
  const place = localityOfNode({...old(labels), ...said(wanted)})
  const edits = parts.flatMap(part =>
    place[part] !== '' &&
    labels[localityLabels[part]] !== place[part] &&
    (wanted[part] || !labels[localityLabels[part]])
      ? [{at: 'label' as const, key: localityLabels[part], value: place[part]}]
      : [],
  )
  if (edits.length === 0) return undefined
  return {
    action: 'edit',
    cluster,
    wave: waves.namespaces,
    target: {apiVersion: 'v1', kind: 'Node', name: node.metadata.name},
    edits,
  }
}

const parts = ['region', 'zone', 'subzone'] as const

function old(labels: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.values(oldLocalityLabels).flatMap(key => (labels[key] ? [[key, labels[key]]] : [])))
}

function said(wanted: Locality): Record<string, string> {
  return Object.fromEntries(parts.flatMap(part => (wanted[part] ? [[localityLabels[part], wanted[part]]] : [])))
}

/** The labels of a node that say something else than what is wanted. */
export function contradictionsOf(node: KubernetesObject, wanted: Locality): Contradiction[] {
  const labels = node.metadata.labels ?? {}
  return parts.flatMap(part => {
    const label = localityLabels[part]
    const value = labels[label]
    return value && wanted[part] && value !== wanted[part] ? [{node, label, value, wanted: wanted[part]}] : []
  })
}
