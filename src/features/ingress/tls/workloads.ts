import {revisionLabel} from '../../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {readTags, resolveRevision, wantedRevision} from '../../../istio/injection.ts'
import {readProxy} from '../../../istio/proxy.ts'
import {isReadBy} from '../../../istio/revision.ts'
import {isSelected} from '../../../istio/selectors.ts'

/** A workload that runs a gateway. */
export interface GatewayWorkload {
  kind: string
  name: string
  namespace: string
  /** Labels of its pods. */
  labels: Record<string, string>
  /** Revisions of its proxies, several during a rollout; `default` stands for the control plane without a revision. */
  revisions: string[]
}

/** What determines the revision of a gateway. */
export interface RevisionSources {
  /** Pods with a label `istio`. */
  pods: readonly KubernetesObject[]
  namespaces: readonly KubernetesObject[]
  injectors: readonly KubernetesObject[]
}

/** The gateways among Deployments and DaemonSets: those whose pods have a label `istio`, except istiod. */
export function gatewayWorkloads(workloads: readonly KubernetesObject[], sources: RevisionSources): GatewayWorkload[] {
  return workloads
    .map(workload => workloadOf(workload, sources))
    .filter(({labels}) => labels.istio !== undefined && labels.istio !== 'pilot')
}

function workloadOf({kind, metadata, spec}: KubernetesObject, sources: RevisionSources): GatewayWorkload {
  const {template} = (spec ?? {}) as {template?: {metadata?: {labels?: Record<string, string>}}}
  const {name, namespace = ''} = metadata
  const labels = template?.metadata?.labels ?? {}
  return {kind, name, namespace, labels, revisions: revisionsOf(namespace, labels, sources)}
}

/** The revisions of the running proxies. Without pods, the one that injects the next pod. */
function revisionsOf(
  namespace: string,
  labels: Record<string, string>,
  {pods, namespaces, injectors}: RevisionSources,
): string[] {
  const tags = readTags(injectors)
  const {[revisionLabel]: label, ...selector} = labels
  const running = pods
    .filter(({metadata}) => metadata.namespace === namespace && isSelected(selector, metadata.labels))
    .flatMap(pod => {
      const proxy = readProxy(pod)
      return proxy?.alive ? [tags.get(proxy.revision) ?? proxy.revision] : []
    })
  if (running.length > 0) return [...new Set(running)].sort()
  const found = namespaces.find(({metadata}) => metadata.name === namespace)
  const wanted = label === undefined ? found && wantedRevision(found, tags) : resolveRevision(label, injectors)
  return [wanted ?? resolveRevision(undefined, injectors) ?? 'default']
}

/**
 * Ports of all Services that select the pods of a gateway.
 *
 * @returns undefined if no Service selects them
 */
export function portsOf(
  {namespace, labels}: GatewayWorkload,
  services: readonly KubernetesObject[],
): number[] | undefined {
  const selecting = services.filter(({metadata, spec}) => {
    const {selector} = (spec ?? {}) as {selector?: Record<string, string>}
    return metadata.namespace === namespace && isSelected(selector, labels)
  })
  if (selecting.length === 0) return undefined
  return selecting.flatMap(({spec}) => ((spec as {ports?: {port: number}[]}).ports ?? []).map(({port}) => port))
}

/** Whether a revision of a gateway's proxies reads an Istio Gateway. */
export function isReadAt(gateway: KubernetesObject, {revisions}: GatewayWorkload): boolean {
  return revisions.some(revision => isReadBy(gateway, revision))
}
