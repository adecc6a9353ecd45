import {partOfLabel} from '../kubernetes/applyset.ts'
import type {KubernetesObject} from '../kubernetes/object.ts'
import {ownersOf} from './managed.ts'

// A webhook configuration is one object, but its entries are independent: another team may have added its own entry to ours.

/** An entry of a webhook configuration. Names are the merge keys of the list (Kubernetes admissionregistration.k8s.io/v1). */
interface Entry {
  name: string
}

const kinds = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration']

/**
 * Returns a webhook configuration with the entries that other field managers have added, and without our label. Undefined for
 * an object without such entries, which can be deleted as a whole.
 *
 * An entry of which we own any field is ours: istiod sets `caBundle` and `failurePolicy` of our entries.
 *
 * @param manager field manager of our writes
 */
export function withForeignEntries(object: KubernetesObject, manager: string): KubernetesObject | undefined {
  if (!kinds.includes(object.kind) || !Array.isArray(object.webhooks)) return undefined
  const foreign = (object.webhooks as Entry[]).filter(({name}) => {
    const owners = ownersOf(object, ['f:webhooks', `k:${JSON.stringify({name})}`])
    return owners.length > 0 && !owners.includes(manager)
  })
  if (foreign.length === 0) return undefined
  const {[partOfLabel]: _membership, ...labels} = object.metadata.labels ?? {}
  return {...object, metadata: {...object.metadata, labels}, webhooks: foreign}
}

/** Returns the merge patch (RFC 7396) that leads to a result of `withForeignEntries`, valid only for the version that was read. */
export function patchToForeignEntries({metadata, webhooks}: KubernetesObject): object {
  return {metadata: {resourceVersion: metadata.resourceVersion, labels: {[partOfLabel]: null}}, webhooks}
}
