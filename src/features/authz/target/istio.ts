import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {hasAmbientLabel, namespaceLabelsOf} from '../../../istio/ambient.ts'
import {readProxy} from '../../../istio/proxy.ts'

/** The pods that have not ended, and the proxies that enforce a policy for them. */
export interface Enforcement {
  pods: KubernetesObject[]
  /** Pods with a sidecar, and gateways. */
  proxied: KubernetesObject[]
  /** Pods in ambient mode: ztunnel ignores policies with action CUSTOM, which only a waypoint enforces. */
  ambient: KubernetesObject[]
  /** Pods outside of the mesh. */
  plain: KubernetesObject[]
}

/** Returns which proxies enforce a policy for pods. */
export function enforcementOf(all: readonly KubernetesObject[], namespaces: readonly KubernetesObject[]): Enforcement {
  const pods = all.filter(({metadata, status}) => {
    const {phase} = (status ?? {}) as {phase?: string}
    return phase !== 'Succeeded' && phase !== 'Failed' && metadata.deletionTimestamp === undefined
  })
  const unproxied = pods.filter(pod => !readProxy(pod))
  const [ambient, plain] = [true, false].map(wanted =>
    unproxied.filter(pod => hasAmbientLabel(pod, namespaceLabelsOf(pod, namespaces)) === wanted),
  )
  return {pods, proxied: pods.filter(pod => readProxy(pod)), ambient: ambient!, plain: plain!}
}

/**
 * Returns the revisions of the proxies of pods, sorted; `default` stands for the control plane without a revision.
 *
 * @param tags the revision of each tag
 */
export function revisionsOf(pods: readonly KubernetesObject[], tags: ReadonlyMap<string, string>): string[] {
  return [...new Set(pods.flatMap(pod => revisionOf(pod, tags) ?? []))].sort()
}

/** Returns the revision of a pod's proxy. Undefined without a proxy, or once the pod has ended. */
export function revisionOf(pod: KubernetesObject, tags: ReadonlyMap<string, string>): string | undefined {
  const proxy = readProxy(pod)
  return proxy?.alive ? (tags.get(proxy.revision) ?? proxy.revision) : undefined
}
