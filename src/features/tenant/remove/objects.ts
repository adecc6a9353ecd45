import type {Change, Edit, FieldEdit, Remove} from '../../../engine/kubernetes/change.ts'
import {revisionLabel} from '../../../engine/kubernetes/labels.ts'
import {type KubernetesObject, type ObjectRef, refOf} from '../../../engine/kubernetes/object.ts'
import {type Wave, waves} from '../../../engine/kubernetes/waves.ts'

/** A tenant that goes, and what was found of it. */
export interface Leaving {
  /** Name of the cluster, as it is printed. */
  cluster: string
  /** Revisions and tags by which a namespace asks for it. */
  asked: readonly string[]
  label: {key: string; value: string} | undefined
  systemNamespace: KubernetesObject | undefined
  /** Application namespaces. */
  namespaces: readonly KubernetesObject[]
  deleteNamespaces: boolean
  /** The system namespace was made for it and holds nothing else. */
  deleteSystemNamespace: boolean
  /** What makes up the control plane and its policy. */
  members: readonly KubernetesObject[]
  /** What istiod itself wrote, and would write again as long as it runs. */
  leftovers: readonly KubernetesObject[]
}

const namespaceKind = {apiVersion: 'v1', kind: 'Namespace'}

/**
 * Removes a tenant: first its application namespaces lose its labels, then webhooks go, so that none refuses what nobody
 * answers any more, then policy and istiod. What istiod reads, what it had written, and namespaces come last (wave
 * `namespaces`): they are to go when it is gone.
 */
export function buildTenantRemoval(leaving: Leaving): Change[] {
  const {cluster, namespaces, systemNamespace, members, leftovers} = leaving
  const remove = (target: ObjectRef, wave: Wave): Remove => ({action: 'remove', cluster, wave, target})
  const kept = leaving.deleteNamespaces ? [] : namespaces
  const gone = leaving.deleteNamespaces ? namespaces : []
  return [
    ...kept.flatMap(namespace => unlabel(leaving, namespace)),
    ...(systemNamespace && !leaving.deleteSystemNamespace ? unlabel(leaving, systemNamespace) : []),
    ...members.map(object => remove(refOf(object), removalWave(object))),
    ...leftovers.map(object => remove(refOf(object), waves.namespaces)),
    ...gone.map(({metadata: {name}}) => remove({...namespaceKind, name}, waves.namespaces)),
    ...(systemNamespace && leaving.deleteSystemNamespace
      ? [remove({...namespaceKind, name: systemNamespace.metadata.name}, waves.namespaces)]
      : []),
  ]
}

/** Takes a tenant's labels from a namespace; none when it has none of them. */
export function unlabel(leaving: Pick<Leaving, 'cluster' | 'asked' | 'label'>, namespace: KubernetesObject): Edit[] {
  const {cluster, asked, label} = leaving
  const labels = namespace.metadata.labels ?? {}
  const edits: FieldEdit[] = []
  if (label && labels[label.key] === label.value) edits.push({at: 'label', key: label.key, value: undefined})
  const revision = labels[revisionLabel]
  if (revision !== undefined && asked.includes(revision))
    edits.push({at: 'label', key: revisionLabel, value: undefined})
  const target = {...namespaceKind, name: namespace.metadata.name}
  return edits.length > 0 ? [{action: 'edit', cluster, wave: waves.exposure, target, edits}] : []
}

function removalWave({kind}: KubernetesObject): Wave {
  if (/WebhookConfiguration$|^ValidatingAdmissionPolicy/.test(kind)) return waves.credentials
  // an istiod that still runs and has lost its mesh config watches every namespace, and writes its root into all of them
  if (kind === 'ConfigMap' || kind === 'ServiceAccount' || /Role/.test(kind)) return waves.namespaces
  return waves.controlPlane
}
