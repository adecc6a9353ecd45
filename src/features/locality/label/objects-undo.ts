import type {Edit, FieldEdit} from '../../../engine/kubernetes/change.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {waves} from '../../../engine/kubernetes/waves.ts'
import {parseJson} from '../../../text/json.ts'
import {localityLabels} from '../istio.ts'

/**
 * Annotation of a node with the labels that `locality label` has set, and their former values. It is on the node itself, so that one
 * write stores both, no Istio has to exist, and a deleted node leaves no record.
 *
 * Threat: a kubelet can write the annotations of the node on which it runs. It can write these labels too, and only these are restored.
 */
export const formerAnnotation = 'kubectl-mesh.io/former-locality'

/** A label before and after the first run that set it. */
interface LabelUndo {
  /** Undefined if the node did not have the label. */
  former?: string
  set: string
}

/** The labels that earlier runs have set on a node, by key. Undefined without a record. */
export function readLabelUndo(node: KubernetesObject): Map<string, LabelUndo> | undefined {
  const stored = parseJson(node.metadata.annotations?.[formerAnnotation] ?? '')
  if (typeof stored !== 'object' || stored === null || Array.isArray(stored)) return undefined
  const known: readonly string[] = Object.values(localityLabels)
  const valid = Object.entries(stored).flatMap(([key, value]): [string, LabelUndo][] => {
    const {former, set} = (value ?? {}) as {former?: unknown; set?: unknown}
    if (!known.includes(key) || typeof set !== 'string') return []
    return [[key, typeof former === 'string' ? {former, set} : {set}]]
  })
  return new Map(valid)
}

/** The edit that stores the former values of labels. A label that still has what an earlier run set keeps its former value. */
export function recordEdit(node: KubernetesObject, labels: readonly {key: string; value: string}[]): FieldEdit {
  const undo = readLabelUndo(node) ?? new Map<string, LabelUndo>()
  for (const {key, value} of labels) {
    const live = node.metadata.labels?.[key]
    const stored = undo.get(key)
    const former = stored?.set === live ? stored?.former : live
    undo.set(key, former === undefined ? {set: value} : {former, set: value})
  }
  const value = JSON.stringify(Object.fromEntries([...undo].sort(([a], [b]) => a.localeCompare(b))))
  return {at: 'annotation', key: formerAnnotation, value, anyOwner: true}
}

/** How the labels of a node are restored. */
export interface NodeUndo {
  edit: Edit
  /** Labels that were changed after kubectl-mesh set them. They stay. */
  changed: {key: string; value: string; set: string}[]
}

/** The edit that restores the labels of a node and removes the record. Undefined without a record. */
export function buildNodeUndo(cluster: string, node: KubernetesObject): NodeUndo | undefined {
  if (node.metadata.annotations?.[formerAnnotation] === undefined) return undefined
  const undo = [...(readLabelUndo(node) ?? [])]
  const live = node.metadata.labels ?? {}
  const edits = undo
    .filter(([key, {set}]) => live[key] === set)
    .map(([key, {former}]): FieldEdit => ({at: 'label', key, value: former}))
  const changed = undo.flatMap(([key, {former, set}]) => {
    const value = live[key]
    return value === undefined || value === set || value === former ? [] : [{key, value, set}]
  })
  const forget: FieldEdit = {at: 'annotation', key: formerAnnotation, value: undefined, anyOwner: true}
  const target = {apiVersion: 'v1', kind: 'Node', name: node.metadata.name}
  const edit: Edit = {
    action: 'edit',
    cluster,
    wave: waves.namespaces,
    target,
    edits: [...edits, forget],
    undoes: true,
  }
  return {edit, changed}
}
