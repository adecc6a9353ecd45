import type {KubernetesObject} from './object.ts'

/**
 * Fields that controllers write and that say nothing about what a user asked for. A diff without them is empty right
 * after an apply.
 */
const everywhere = [
  ['status'],
  ['metadata', 'managedFields'],
  ['metadata', 'resourceVersion'],
  ['metadata', 'uid'],
  ['metadata', 'generation'],
  ['metadata', 'creationTimestamp'],
  ['metadata', 'selfLink'],
  // the annotation repeats the whole object, Secrets included
  ['metadata', 'annotations', 'kubectl.kubernetes.io/last-applied-configuration'],
  ['metadata', 'annotations', 'deployment.kubernetes.io/revision'],
]

/** What istiod patches into webhook configurations (istio pilot/pkg/webhooks; issues 19349, 58341). */
const webhooks = [
  ['webhooks', '*', 'clientConfig', 'caBundle'],
  ['webhooks', '*', 'failurePolicy'],
]

/** Fields that a controller keeps on writing after an apply, by kind: never fought over. */
export const keptByControllers: Readonly<Record<string, readonly string[][]>> = {
  MutatingWebhookConfiguration: webhooks,
  ValidatingWebhookConfiguration: webhooks,
}

/** By kind: what the cluster itself assigns. */
const byKind: Record<string, string[][]> = {
  MutatingWebhookConfiguration: webhooks,
  ValidatingWebhookConfiguration: webhooks,
  Namespace: [['spec', 'finalizers']],
}

/** A copy of an object without what controllers write. */
export function withoutNeutral(object: KubernetesObject): KubernetesObject {
  const copy = structuredClone(object)
  for (const path of [...everywhere, ...(byKind[object.kind] ?? [])]) removeAt(copy, path)
  for (const key of ['annotations', 'labels'] as const) {
    const map = copy.metadata[key]
    if (map && Object.keys(map).length === 0) delete copy.metadata[key]
  }
  return copy
}

function removeAt(value: unknown, path: readonly string[]): void {
  if (typeof value !== 'object' || value === null) return
  const [key, ...rest] = path
  if (key === '*') {
    for (const item of Object.values(value)) removeAt(item, rest)
  } else if (rest.length === 0) {
    delete (value as Record<string, unknown>)[key!]
  } else {
    removeAt((value as Record<string, unknown>)[key!], rest)
  }
}
