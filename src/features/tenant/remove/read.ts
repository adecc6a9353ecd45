import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {type Membership, readMembership} from '../../../engine/plan/membership.ts'
import {tenantProofRef} from '../../../istio/system-objects.ts'
import type {Tenant} from '../istio.ts'
import {istiodName} from '../istio-pods.ts'
import {tenantApplySet} from '../objects.ts'
import type {TenantsFacts} from '../read.ts'
import {isWebhookOf} from './istio.ts'
import {readLeftovers} from './read-leftovers.ts'

/** What exists of a tenant, beside its application namespaces. */
export interface TenantRemains {
  /** The control plane and its policy: the objects that the record lists. */
  membership: Membership
  record: KubernetesObject | undefined
  proof: KubernetesObject | undefined
  /** Webhook configurations that kubectl-mesh did not create, with entries that call the tenant's istiod. */
  webhooks: KubernetesObject[]
  /** What its istiod wrote: root certificates, locks, its CA. */
  leftovers: KubernetesObject[]
  /** Another tool installed the tenant's istiod, which stays. */
  keepsIstiod: boolean
}

/**
 * Reads what a removal would delete. Sends one LIST per kind, in parallel.
 *
 * @param trustLabels also treat objects as ours that only carry our label
 * @throws ApiError, UnreachableError
 */
export async function readRemains(tenant: Tenant, facts: TenantsFacts, trustLabels: boolean): Promise<TenantRemains> {
  const {cluster, injectors, validators, records} = facts
  const [membership, proof, written] = await Promise.all([
    readMembership(cluster, tenantApplySet(tenant.namespace), {trustLabels}),
    cluster.get(tenantProofRef(tenant.namespace)),
    readLeftovers(tenant, facts),
  ])
  const {objects, owns} = membership
  const keepsIstiod = tenant.installed && !objects.some(object => installsIstiod(object, tenant))
  // The Sail operator removes the objects that it created.
  const isOthers = keepsIstiod || tenant.via === 'sail'
  return {
    membership,
    record: records.get(tenant.namespace),
    proof,
    webhooks: isOthers ? [] : [...injectors, ...validators].filter(each => !owns(each) && isWebhookOf(each, tenant)),
    leftovers: keepsIstiod ? [] : written.filter(object => !owns(object)),
    keepsIstiod,
  }
}

/** istiod ends together with its Deployment, or with the resource of the Sail operator. */
function installsIstiod({kind, metadata}: KubernetesObject, tenant: Tenant): boolean {
  return kind === 'Istio' || (kind === 'Deployment' && metadata.name === istiodName(tenant))
}
