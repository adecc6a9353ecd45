import type {ControlPlaneRef} from '../../control-plane/read.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {isSelected} from '../../istio/selectors.ts'
import {deprecatedLocalityLabels, localityLabels, localityOfPodLabels} from './istio.ts'
import type {LocalityFacts} from './read.ts'

/**
 * The pods for which istiod uses an outdated locality. istiod computes the locality of a pod when the pod is created or
 * when istiod starts, and does not update it when the labels of the node change
 * (pilot/pkg/serviceregistry/kube/controller, Istio 1.31). Empty if the cluster has no istiod pod to compare with.
 */
export function stalePods(facts: LocalityFacts, where: ControlPlaneRef): KubernetesObject[] {
  const istiods = istiodPods(facts, where)
  if (istiods.length === 0) return []
  const started = Math.min(...istiods.map(startOf))
  const labelled = new Map(facts.nodes.map(node => [node.metadata.name, labelledAt(node)]))
  return facts.pods.filter(pod => {
    const {nodeName = ''} = (pod.spec ?? {}) as {nodeName?: string}
    const changed = labelled.get(nodeName) ?? 0
    return (
      changed > started &&
      changed >= startOf(pod) &&
      localityOfPodLabels(pod.metadata.labels) === undefined &&
      hasService(pod, facts)
    )
  })
}

function istiodPods({pods}: LocalityFacts, {systemNamespace, revision = 'default'}: ControlPlaneRef) {
  return pods.filter(
    ({metadata: {namespace, labels = {}}}) =>
      namespace === systemNamespace && labels.app === 'istiod' && (labels['istio.io/rev'] ?? 'default') === revision,
  )
}

/** Whether a Service of its namespace selects the pod. */
export function hasService({metadata}: KubernetesObject, facts: Pick<LocalityFacts, 'services'>): boolean {
  return facts.services.some(
    service =>
      service.metadata.namespace === metadata.namespace &&
      isSelected((service.spec as {selector?: Record<string, string>} | undefined)?.selector, metadata.labels),
  )
}

/** Milliseconds since the epoch; 0 if unknown. */
function startOf(pod: KubernetesObject): number {
  const {startTime} = (pod.status ?? {}) as {startTime?: string}
  return Date.parse(startTime ?? pod.metadata.creationTimestamp ?? '') || 0
}

const localityFields = [...Object.values(localityLabels), ...Object.values(deprecatedLocalityLabels)].map(
  label => `f:${label}`,
)

/** When a locality label of the node was last changed, in milliseconds since the epoch; 0 if never. */
function labelledAt({metadata}: KubernetesObject): number {
  const times = (metadata.managedFields ?? []).flatMap(({time, fieldsV1}) => {
    const labels = (fieldsV1?.['f:metadata'] as {'f:labels'?: object} | undefined)?.['f:labels'] ?? {}
    return localityFields.some(field => field in labels) ? [Date.parse(time ?? '') || 0] : []
  })
  return Math.max(0, ...times)
}
