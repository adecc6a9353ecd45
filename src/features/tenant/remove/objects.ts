import type {Change, Edit, FieldEdit, Remove} from '../../../engine/kubernetes/change.ts'
import {revisionLabel} from '../../../engine/kubernetes/labels.ts'
import {type KubernetesObject, type ObjectRef, refOf} from '../../../engine/kubernetes/object.ts'
import {type Wave, waves} from '../../../engine/kubernetes/waves.ts'
import type {Label} from '../spec-names.ts'

/** A tenant to remove. */
export interface TenantRemoval {
  /** Name of the cluster in output. */
  cluster: string
  /** Values of `istio.io/rev` that select the tenant: its revision and its tags. */
  revisions: readonly string[]
  label: Label | undefined
  systemNamespace: KubernetesObject | undefined
  /** Application namespaces. */
  namespaces: readonly KubernetesObject[]
  /** Delete the application namespaces. */
  deleteNamespaces: boolean
  /** Delete the system namespace: it was created for the tenant and contains nothing else. */
  deleteSystemNamespace: boolean
  /** Objects of the control plane, its policy and its record. */
  members: readonly KubernetesObject[]
  /** Objects that istiod wrote, and would write again as long as it runs. */
  leftovers: readonly KubernetesObject[]
}

const namespaceKind = {apiVersion: 'v1', kind: 'Namespace'}

/**
 * Returns the changes that remove a tenant. The labels of application namespaces are removed first. Webhooks follow, so
 * that none rejects requests because its istiod is gone. Then the policy and istiod are removed. What istiod reads, what
 * it wrote, and namespaces come last (wave `namespaces`), because they must stay until istiod is gone.
 */
export function buildTenantRemoval(removal: TenantRemoval): Change[] {
  const {cluster, namespaces, systemNamespace, members, leftovers} = removal
  const remove = (target: ObjectRef, wave: Wave): Remove => ({action: 'remove', cluster, wave, target})
  const system = systemNamespace ? [systemNamespace] : []
  const kept = [...(removal.deleteNamespaces ? [] : namespaces), ...(removal.deleteSystemNamespace ? [] : system)]
  const deleted = [...(removal.deleteNamespaces ? namespaces : []), ...(removal.deleteSystemNamespace ? system : [])]
  return [
    ...kept.flatMap(namespace => unlabel(removal, namespace)),
    ...members.map(object => remove(refOf(object), removalWave(object))),
    ...leftovers.map(object => remove(refOf(object), waves.namespaces)),
    ...deleted.map(({metadata: {name}}) => remove({...namespaceKind, name}, waves.namespaces)),
  ]
}

/** Returns the edit that removes a tenant's labels from a namespace. Empty if the namespace has none of them. */
export function unlabel(
  {cluster, revisions, label}: Pick<TenantRemoval, 'cluster' | 'revisions' | 'label'>,
  namespace: KubernetesObject,
): Edit[] {
  const labels = namespace.metadata.labels ?? {}
  const edits: FieldEdit[] = []
  if (label && labels[label.key] === label.value) edits.push({at: 'label', key: label.key, value: undefined})
  const revision = labels[revisionLabel]
  if (revision !== undefined && revisions.includes(revision))
    edits.push({at: 'label', key: revisionLabel, value: undefined})
  const target = {...namespaceKind, name: namespace.metadata.name}
  return edits.length > 0 ? [{action: 'edit', cluster, wave: waves.exposure, target, edits}] : []
}

function removalWave({kind}: KubernetesObject): Wave {
  if (/WebhookConfiguration$|^ValidatingAdmissionPolicy/.test(kind)) return waves.credentials
  // An istiod without its mesh config watches every namespace and writes its root certificate into all of them.
  if (kind === 'ConfigMap' || kind === 'ServiceAccount' || kind.includes('Role')) return waves.namespaces
  return waves.controlPlane
}
