import type {Change, Edit, FieldEdit} from '../../../engine/kubernetes/change.ts'
import {revisionLabel} from '../../../engine/kubernetes/labels.ts'
import {type KubernetesObject, refOf} from '../../../engine/kubernetes/object.ts'
import {type Wave, waves} from '../../../engine/kubernetes/waves.ts'
import {removalOf} from '../../../engine/plan/prune.ts'
import type {Webhook} from '../../../istio/injection.ts'
import type {Tenant} from '../istio.ts'
import type {Label} from '../spec-names.ts'
import {isEntryOf} from './istio.ts'

/** A tenant to remove. */
export interface TenantRemoval {
  /** Name of the cluster in output. */
  cluster: string
  tenant: Tenant
  /** Values of `istio.io/rev` that select the tenant: its revision and its tags. */
  revisions: readonly string[]
  label: Label | undefined
  /** Namespaces that stay, and lose the labels of the tenant. */
  kept: readonly KubernetesObject[]
  /** Namespaces to delete. */
  deleted: readonly KubernetesObject[]
  /** Objects of the control plane and its policy. */
  members: readonly KubernetesObject[]
  /** Webhook configurations of other owners, with entries that call the tenant's istiod. */
  webhooks: readonly KubernetesObject[]
  /** Objects that istiod wrote, and would write again as long as it runs. */
  leftovers: readonly KubernetesObject[]
  record: KubernetesObject | undefined
  proof: KubernetesObject | undefined
}

/**
 * Returns the changes that remove a tenant. The labels of application namespaces are removed first. Webhooks follow, so
 * that none rejects requests because its istiod is gone. Then the policy and istiod are removed. What istiod reads, what
 * it wrote, and namespaces come last (wave `namespaces`), because they must stay until istiod is gone. The record and its proof
 * are the end: as long as anything is left, the next run finds the tenant.
 */
export function buildTenantRemoval(removal: TenantRemoval): Change[] {
  const {cluster, kept, deleted, members, leftovers, webhooks, tenant, record, proof} = removal
  const remove = (object: KubernetesObject, wave: Wave) => removalOf(cluster, object, wave)
  return [
    ...kept.flatMap(namespace => unlabel(removal, namespace)),
    ...members.map(object => remove(object, removalWave(object))),
    ...webhooks.map(configuration => withoutEntries(cluster, configuration, tenant)),
    ...[...leftovers, ...deleted].map(object => remove(object, waves.namespaces)),
    ...(record ? [remove(record, waves.namespaces)] : []),
    ...(proof ? [remove(proof, waves.proof)] : []),
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
  return edits.length > 0 ? [{action: 'edit', cluster, wave: waves.exposure, target: refOf(namespace), edits}] : []
}

/**
 * The edit that removes the tenant's entries from a webhook configuration. The object is not ours, so it stays even without
 * entries.
 */
function withoutEntries(cluster: string, configuration: KubernetesObject, tenant: Tenant): Edit {
  const keeps = (entry: unknown) => !isEntryOf(entry as Webhook, configuration, tenant)
  const about = `remove the entries that call the istiod of ${tenant.name}`
  return {
    action: 'edit',
    cluster,
    wave: waves.credentials,
    target: refOf(configuration),
    edits: [{at: 'entries', path: ['webhooks'], about, keeps}],
  }
}

function removalWave({kind}: KubernetesObject): Wave {
  if (/WebhookConfiguration$|^ValidatingAdmissionPolicy/.test(kind)) return waves.credentials
  // An istiod without its mesh config watches every namespace and writes its root certificate into all of them.
  if (kind === 'ConfigMap' || kind === 'ServiceAccount' || kind.includes('Role')) return waves.namespaces
  return waves.controlPlane
}
