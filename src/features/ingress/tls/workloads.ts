import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {isSelected} from '../../../istio/selectors.ts'

/** A workload that runs a gateway. */
export interface GatewayWorkload {
  kind: string
  name: string
  namespace: string
  /** Labels of its pods. */
  labels: Record<string, string>
}

/** The gateways among Deployments and DaemonSets: those whose pods have a label `istio`, except istiod. */
export function gatewayWorkloads(workloads: readonly KubernetesObject[]): GatewayWorkload[] {
  return workloads.map(workloadOf).filter(({labels}) => labels.istio !== undefined && labels.istio !== 'pilot')
}

function workloadOf({kind, metadata, spec}: KubernetesObject): GatewayWorkload {
  const {template} = (spec ?? {}) as {template?: {metadata?: {labels?: Record<string, string>}}}
  return {kind, name: metadata.name, namespace: metadata.namespace ?? '', labels: template?.metadata?.labels ?? {}}
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
