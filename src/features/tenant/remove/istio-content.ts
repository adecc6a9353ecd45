import {type KubernetesObject, nameOf, refKey, refOf} from '../../../engine/kubernetes/object.ts'
import {leaseName} from '../../../engine/lease/lease.ts'
import type {Tenant} from '../istio.ts'

/** The objects of a tenant, which do not keep a namespace. */
export interface OwnObjects {
  tenant: Pick<Tenant, 'trustBundle' | 'revocations'>
  objects: readonly KubernetesObject[]
}

/**
 * Returns the objects of a namespace that neither the tenant nor Kubernetes created, as `kubectl -o name` prints them. What
 * Kubernetes creates for an object of the tenant counts as the tenant's: its ReplicaSets, Pods and EndpointSlices.
 *
 * @param all all objects of the namespace
 */
export function foreignContent(all: readonly KubernetesObject[], own: OwnObjects): string[] {
  const ours = withDependents(all, own.objects)
  const services = new Set(own.objects.filter(({kind}) => kind === 'Service').map(({metadata}) => metadata.name))
  return all
    .filter(object => !ours.has(object) && !isImplicit(object, own.tenant))
    .filter(({kind, metadata}) => !(kind === 'Endpoints' && services.has(metadata.name)))
    .map(object => nameOf(refOf(object)))
    .sort()
}

/** The objects of the tenant, and all objects whose owners are only such objects. */
function withDependents(
  all: readonly KubernetesObject[],
  objects: readonly KubernetesObject[],
): ReadonlySet<KubernetesObject> {
  const keys = new Set(objects.map(object => refKey(refOf(object))))
  const ours = new Set(all.filter(object => keys.has(refKey(refOf(object)))))
  const uids = new Set([...ours, ...objects].map(({metadata}) => metadata.uid))
  for (let before = -1; before < ours.size; ) {
    before = ours.size
    for (const object of all) {
      const owners = object.metadata.ownerReferences ?? []
      if (ours.has(object) || owners.length === 0 || !owners.every(({uid}) => uids.has(uid))) continue
      ours.add(object)
      uids.add(object.metadata.uid)
    }
  }
  return ours
}

/** Whether an object exists in every namespace, only reports something, or is computed by the API server (without a UID). */
function isImplicit({kind, metadata}: KubernetesObject, {trustBundle, revocations}: OwnObjects['tenant']): boolean {
  if (metadata.uid === undefined || kind === 'Event') return true
  if (kind === 'ServiceAccount') return metadata.name === 'default'
  // A run that was killed leaves its lease, which its next run takes over.
  if (kind === 'Lease') return metadata.name === leaseName
  return kind === 'ConfigMap' && ['kube-root-ca.crt', trustBundle, revocations].includes(metadata.name)
}
