import type {Cluster} from '../../engine/cluster/cluster.ts'
import {ApiError} from '../../engine/cluster/errors.ts'
import {networkLabel} from '../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {isSelected} from '../../istio/selectors.ts'
import type {FederationFacts} from '../facts.ts'
import {isNodePort} from './endpoints.ts'
import type {GatewaysByContext} from './spec.ts'
import type {GatewayType} from './spec-settings.ts'

/** What is read of the gateways of a cluster. */
export type GatewayFacts = Pick<
  FederationFacts,
  'networkGateways' | 'nodes' | 'gatewayDeployments' | 'otherDeployments'
>

/** What determines what is read of the gateways. */
interface GatewayScope {
  systemNamespace: string
  /** The types of the gateways that a run creates. */
  gatewayServiceType?: GatewayType
  gateway?: GatewaysByContext
}

/**
 * Reads the gateways of a cluster, their Deployments, and for gateways of type NodePort the nodes.
 *
 * @throws UnreachableError, ApiError
 */
export async function readGateways(cluster: Cluster, scope: GatewayScope): Promise<GatewayFacts> {
  const {systemNamespace: namespace, gatewayServiceType, gateway = {}} = scope
  const [networkGateways, deployments] = await Promise.all([
    cluster.list({apiVersion: 'v1', kind: 'Service'}, {labelSelector: networkLabel}),
    cluster.list({apiVersion: 'apps/v1', kind: 'Deployment'}, {namespace}),
  ])
  const types = [gatewayServiceType, ...Object.values(gateway).map(({type}) => type)]
  const needsNodes = types.includes('NodePort') || networkGateways.some(isNodePort)
  const labelled = deployments.filter(deployment =>
    networkGateways.some(service => service.metadata.namespace === namespace && runsIn(deployment, service)),
  )
  return {
    networkGateways,
    nodes: needsNodes ? await readNodes(cluster) : undefined,
    gatewayDeployments: labelled,
    otherDeployments: deployments.filter(deployment => !labelled.includes(deployment)),
  }
}

/** Returns whether a Service selects the pods of a Deployment in its namespace. */
export function runsIn(deployment: KubernetesObject, service: KubernetesObject): boolean {
  const {template} = (deployment.spec ?? {}) as {template?: {metadata?: {labels?: Record<string, string>}}}
  const {selector} = (service.spec ?? {}) as {selector?: Record<string, string>}
  return isSelected(selector, template?.metadata?.labels)
}

/** Lists the nodes. Undefined if the user may not: their addresses and localities are then unknown. */
export async function readNodes(cluster: Cluster): Promise<KubernetesObject[] | undefined> {
  try {
    return await cluster.list({apiVersion: 'v1', kind: 'Node'}, {mayBeDenied: true})
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return undefined
    throw error
  }
}
