import {revisionLabel} from '../../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {type Webhook, webhooksOf} from '../../../istio/injection.ts'
import type {Tenant} from '../istio.ts'
import {istiodName} from '../istio-pods.ts'

/** Whether an entry of a webhook configuration calls a tenant's istiod, directly or through the Service of a revision tag. */
export function isEntryOf({clientConfig}: Webhook, configuration: KubernetesObject, tenant: Tenant): boolean {
  const service = clientConfig?.service
  if (service?.namespace !== tenant.namespace) return false
  if (service.name === istiodName(tenant)) return true
  const isOfRevision = configuration.metadata.labels?.[revisionLabel] === tenant.revision
  return isOfRevision && service.name.startsWith('istiod-revision-tag-')
}

/** Whether any entry of a webhook configuration calls a tenant's istiod. */
export function isWebhookOf(configuration: KubernetesObject, tenant: Tenant): boolean {
  return webhooksOf(configuration).some(entry => isEntryOf(entry, configuration, tenant))
}

/** What decides whether a namespace may be deleted together with a tenant. */
export interface NamespaceOwners {
  tenant: Tenant
  /** All tenants of the cluster. */
  tenants: readonly Tenant[]
  /** Namespaces that kubectl-mesh created for the tenant, with their UIDs. */
  created: ReadonlyMap<string, string>
}

/**
 * Returns why a namespace is kept although nothing is known about its content; undefined if it may be deleted. The text follows
 * the name of the namespace.
 */
export function keepReason(
  {metadata: {name, uid}}: KubernetesObject,
  {tenant, tenants, created}: NamespaceOwners,
): string | undefined {
  if (name === 'default' || name.startsWith('kube-')) return 'is reserved for Kubernetes'
  const other = tenants.find(each => each !== tenant && each.namespace === name)
  if (other) return `is the system namespace of ${other.name}`
  return uid !== undefined && created.get(name) === uid ? undefined : 'was not created by kubectl-mesh'
}
