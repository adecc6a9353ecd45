import {multiClusterLabel} from '../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import type {Step} from '../../engine/plan/plan.ts'
import {istiodContainer} from '../../istio/istiod.ts'
import {someOf} from '../../text/count.ts'

/** The value of the template annotation on pods that become gateways (istio.io/docs, injection templates, 1.31). */
const gatewayTemplate = 'gateway'

/** What a change of an object is about, in the order of a review. Undefined for objects that only support others. */
const parts: readonly ((object: KubernetesObject) => string | undefined)[] = [
  object => istiodText(object) ?? (isConfigOfIstiod(object) ? 'istiod' : undefined),
  ({kind}) => (kind === 'MutatingWebhookConfiguration' ? 'webhook' : undefined),
  ({kind}) => (kind === 'CustomResourceDefinition' ? 'CRDs' : undefined),
  object => (isGateway(object) ? 'gateway' : undefined),
  ({kind, metadata}) => (kind === 'Secret' && metadata.name === 'cacerts' ? 'CA' : undefined),
  ({kind, type}) => (kind === 'Secret' && type === 'kubernetes.io/tls' ? 'certificate' : undefined),
  ({kind, metadata}) => (kind === 'Secret' && metadata.labels?.[multiClusterLabel] ? 'remote Secrets' : undefined),
]

/**
 * Describes what the steps of one cluster change, in a few words: `Istio 1.31.0, gateway, CA`. If they change none of the
 * parts of a mesh, the kinds of their objects. Empty without changes.
 */
export function partsOf(steps: readonly Step[]): string {
  const changed = steps.filter(({verdict}) => verdict !== 'unchanged')
  const objects = changed.flatMap(({merged, live}) => merged ?? live ?? [])
  const found = parts.flatMap(part => objects.flatMap(object => part(object) ?? []))
  const names = new Set(found)
  // The version includes it.
  if (found.some(name => name.startsWith('Istio '))) names.delete('istiod')
  if (names.size > 0) return [...names].join(', ')
  return someOf([...new Set(changed.map(({ref}) => ref.kind))])
}

/** `Istio 1.31.0`, from the tag of the image; `istiod` without one. */
function istiodText(object: KubernetesObject): string | undefined {
  const container = object.kind === 'Deployment' ? istiodContainer(object) : undefined
  if (!container) return undefined
  const version = /:v?(\d+\.\d+[^@]*)/.exec(container.image ?? '')?.[1]
  return version === undefined ? 'istiod' : `Istio ${version}`
}

/** ConfigMaps of Istio's charts that istiod reads, or that store its values (istiod chart, 1.24–1.31). */
function isConfigOfIstiod({kind, metadata}: KubernetesObject): boolean {
  return kind === 'ConfigMap' && /^(?:istio-sidecar-injector|values)(?:-|$)/.test(metadata.name)
}

function isGateway({spec}: KubernetesObject): boolean {
  const template = (spec as {template?: {metadata?: {annotations?: Record<string, string>}}} | undefined)?.template
  return template?.metadata?.annotations?.['inject.istio.io/templates'] === gatewayTemplate
}
