import type {KubernetesObject} from '../engine/kubernetes/object.ts'
import {type LabelSelector, matchesSelector} from './selectors.ts'

/** One webhook of a webhook configuration. */
export interface Webhook {
  name: string
  namespaceSelector?: LabelSelector
  objectSelector?: LabelSelector
  clientConfig?: {
    caBundle?: string
    url?: string
    service?: {name: string; namespace: string; path?: string; port?: number}
  }
}

/** Returns the webhooks of a MutatingWebhookConfiguration or ValidatingWebhookConfiguration. */
export function webhooksOf(configuration: KubernetesObject): Webhook[] {
  return (configuration.webhooks as Webhook[] | undefined) ?? []
}

/** Returns the revision of each tag (`istioctl tag set`), from the injectors' labels `istio.io/tag` and `istio.io/rev`. */
export function readTags(injectors: readonly KubernetesObject[]): Map<string, string> {
  return new Map(
    injectors.flatMap(({metadata}) => {
      const tag = metadata.labels?.['istio.io/tag']
      const revision = metadata.labels?.['istio.io/rev']
      return tag && revision ? [[tag, revision] as const] : []
    }),
  )
}

/**
 * Resolves a revision tag to its revision.
 *
 * @param requested a revision or a tag; undefined for the tag `default`, or for the control plane without a revision
 * @returns undefined for the control plane without a revision
 */
export function resolveRevision(
  requested: string | undefined,
  injectors: readonly KubernetesObject[],
): string | undefined {
  const revision = readTags(injectors).get(requested ?? 'default') ?? requested
  return revision === 'default' ? undefined : revision
}

/**
 * Returns the revision that a namespace's labels request, with a tag resolved; undefined if they request no injection.
 * `istio-injection` takes precedence over `istio.io/rev`.
 */
export function wantedRevision(namespace: KubernetesObject, tags: ReadonlyMap<string, string>): string | undefined {
  const {'istio-injection': injection, 'istio.io/rev': revision} = namespace.metadata.labels ?? {}
  if (injection === 'disabled') return undefined
  const wanted = injection === 'enabled' ? 'default' : revision
  return wanted === undefined ? undefined : (tags.get(wanted) ?? wanted)
}

/** Returns the names of the webhook configurations that inject a pod without labels in a namespace. */
export function injectorsFor(namespace: KubernetesObject, injectors: readonly KubernetesObject[]): string[] {
  const labels = {'kubernetes.io/metadata.name': namespace.metadata.name, ...namespace.metadata.labels}
  return injectors
    .filter(configuration =>
      webhooksOf(configuration).some(
        ({namespaceSelector, objectSelector}) =>
          matchesSelector(namespaceSelector, labels) && matchesSelector(objectSelector, {}),
      ),
    )
    .map(({metadata}) => metadata.name)
}
