import type {KubernetesObject} from './object.ts'

/** Fields of all kinds that the server and controllers write. A diff that omits them is empty right after an apply. */
const everywhere = [
  ['status'],
  ['metadata', 'managedFields'],
  ['metadata', 'resourceVersion'],
  ['metadata', 'uid'],
  ['metadata', 'generation'],
  ['metadata', 'creationTimestamp'],
  ['metadata', 'selfLink'],
  // The annotation contains a copy of the whole object, also of a Secret.
  ['metadata', 'annotations', 'kubectl.kubernetes.io/last-applied-configuration'],
  ['metadata', 'annotations', 'deployment.kubernetes.io/revision'],
]

/** Fields of webhook configurations that istiod patches (istio pilot/pkg/webhooks; issues 19349, 58341). */
const webhooks = [
  ['webhooks', '*', 'clientConfig', 'caBundle'],
  ['webhooks', '*', 'failurePolicy'],
]

/**
 * Fields that a controller writes after an apply, by kind. An apply never sets them back. `*` matches all list items.
 */
export const keptByControllers: Readonly<Record<string, readonly string[][]>> = {
  MutatingWebhookConfiguration: webhooks,
  ValidatingWebhookConfiguration: webhooks,
}

/** Further fields that a diff omits, by kind. */
const byKind: Readonly<Record<string, readonly string[][]>> = {
  ...keptByControllers,
  Namespace: [['spec', 'finalizers']],
}

/** Returns a copy of an object without the fields that the server and controllers write. */
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
