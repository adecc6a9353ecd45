import type {KubernetesObject} from '../engine/kubernetes/object.ts'
import {fits, type LabelSelector} from './selectors.ts'

/** One webhook of a configuration. */
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

/** The webhooks of a Mutating- or ValidatingWebhookConfiguration. */
export function webhooksOf(configuration: KubernetesObject): Webhook[] {
  return (configuration.webhooks as Webhook[] | undefined) ?? []
}

/** Revisions by tag (`istioctl tag set`): of the injectors' labels `istio.io/tag` and `istio.io/rev`. */
export function readTags(injectors: readonly KubernetesObject[]): Map<string, string> {
  return new Map(
    injectors.flatMap(({metadata}) => {
      const tag = metadata.labels?.['istio.io/tag']
      const revision = metadata.labels?.['istio.io/rev']
      return tag && revision ? [[tag, revision] as const] : []
    }),
  )
}

/** The revision that a namespace asks for: `istio-injection` goes before `istio.io/rev`; a tag becomes its revision. */
export function wantedRevision(namespace: KubernetesObject, tags: ReadonlyMap<string, string>): string | undefined {
  const {'istio-injection': injection, 'istio.io/rev': revision} = namespace.metadata.labels ?? {}
  if (injection === 'disabled') return undefined
  const wanted = injection === 'enabled' ? 'default' : revision
  return wanted === undefined ? undefined : (tags.get(wanted) ?? wanted)
}

/** The injectors that would inject a pod without labels of its own into a namespace, by name of their configuration. */
export function injectorsFor(namespace: KubernetesObject, injectors: readonly KubernetesObject[]): string[] {
  const labels = {'kubernetes.io/metadata.name': namespace.metadata.name, ...namespace.metadata.labels}
  return injectors
    .filter(configuration =>
      webhooksOf(configuration).some(
        ({namespaceSelector, objectSelector}) => fits(namespaceSelector, labels) && fits(objectSelector, {}),
      ),
    )
    .map(({metadata}) => metadata.name)
}
