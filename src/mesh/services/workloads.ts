import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {isSelected} from '../../istio/selectors.ts'
import {dnsName} from '../../spec/texts.ts'
import type {ExportingCluster} from './read.ts'

/** The workloads behind a Service. */
export interface ServiceWorkloads {
  /** SPIFFE IDs, sorted. Empty if the Service selects no workload. */
  identities: string[]
  /** Whether at least one of them can receive mTLS. */
  hasMtls: boolean
}

/** Finds the pods and WorkloadEntries that a Service selects. Pods that have ended or are being deleted do not count. */
export function workloadsOf(
  service: KubernetesObject,
  {pods, workloadEntries, controlPlane}: Pick<ExportingCluster, 'pods' | 'workloadEntries' | 'controlPlane'>,
): ServiceWorkloads {
  const {selector} = (service.spec ?? {}) as {selector?: Record<string, string>}
  const {namespace} = service.metadata
  const selectedPods = pods.filter(
    pod => pod.metadata.namespace === namespace && !hasEnded(pod) && isSelected(selector, pod.metadata.labels),
  )
  const vmAccounts = workloadEntries
    .filter(entry => entry.metadata.namespace === namespace && isSelected(selector, labelsOf(entry)))
    .flatMap(({spec}) => accountIn(spec))
  const podAccounts = selectedPods.map(
    ({spec}) => (spec as {serviceAccountName?: string}).serviceAccountName || 'default',
  )
  const trustDomain = controlPlane?.trustDomain ?? 'cluster.local'
  return {
    // Format of SPIFFE IDs: istio pkg/spiffe, 1.31.
    identities: [...new Set([...podAccounts, ...vmAccounts])]
      .sort()
      .map(account => `spiffe://${trustDomain}/ns/${namespace}/sa/${account}`),
    hasMtls: vmAccounts.length > 0 || selectedPods.some(isInjected),
  }
}

/** The account of a WorkloadEntry. Other values than a name could not be part of an identity. */
function accountIn(spec: unknown): string[] {
  const {serviceAccount} = (spec ?? {}) as {serviceAccount?: unknown}
  return typeof serviceAccount === 'string' && dnsName(serviceAccount) === undefined ? [serviceAccount] : []
}

function hasEnded({metadata, status}: KubernetesObject): boolean {
  const phase = (status as {phase?: string} | undefined)?.phase
  return phase === 'Succeeded' || phase === 'Failed' || metadata.deletionTimestamp !== undefined
}

/** Injection sets this label. Without it, other proxies do not use mTLS for the pod. */
function isInjected({metadata}: KubernetesObject): boolean {
  return metadata.labels?.['security.istio.io/tlsMode'] === 'istio'
}

/** Labels of the workload of a WorkloadEntry. */
function labelsOf({metadata, spec}: KubernetesObject): Record<string, string> {
  return {...(spec as {labels?: Record<string, string>} | undefined)?.labels, ...metadata.labels}
}

/** The part of `region/zone` that all nodes have in common; undefined if their regions differ or are unknown. */
export function localityOf(nodes: readonly KubernetesObject[]): string | undefined {
  const common = (label: string) => {
    const values = new Set(nodes.map(({metadata}) => metadata.labels?.[label]))
    return values.size === 1 ? [...values][0] : undefined
  }
  const region = common('topology.kubernetes.io/region')
  const zone = common('topology.kubernetes.io/zone')
  return region && zone ? `${region}/${zone}` : region
}
