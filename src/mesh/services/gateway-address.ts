import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {addressesOf, type GatewayTrust, gatewayPortOf, gatewaysInto, isTrustedGateway} from '../gateway-services.ts'
import {nodeEndpointsOf} from '../gateways/endpoints.ts'

/** How other clusters reach the east-west gateway of a cluster. */
export interface GatewayAddress {
  addresses: string[]
  port: number
}

/** What determines the address of the east-west gateway of a cluster. */
interface GatewaySource {
  network: string
  /** Services of the gateway. */
  networkGateways: KubernetesObject[]
  nodes: KubernetesObject[] | undefined
}

/**
 * Where other clusters reach the east-west gateway of a cluster; undefined if it has no address yet. A gateway of type NodePort
 * needs no annotation here: the address is part of each import, so that no istiod looks for it.
 */
export function gatewayAddressOf({network, networkGateways, nodes = []}: GatewaySource): GatewayAddress | undefined {
  const gateways = gatewaysInto({network, facts: {networkGateways}})
  const balanced = gateways.flatMap(service =>
    addressesOf(service).map(address => ({address, port: gatewayPortOf(service)})),
  )
  const found = balanced.length > 0 ? balanced : gateways.flatMap(service => nodeEndpointsOf(service, nodes))
  const port = found[0]?.port
  if (port === undefined) return undefined
  return {port, addresses: found.filter(one => one.port === port).map(({address}) => address)}
}

/**
 * Splits the Services of a network's gateways into those whose addresses its exports use, and those that are
 * only reported: the latter are outside the system namespace, and no setting names them.
 *
 * Threat: whoever can create a Service in any namespace can give it the network label. Its address would become an endpoint
 * of every exported service in all other clusters.
 *
 * @param services Services with a network label, in all namespaces
 */
export function splitGateways(
  services: readonly KubernetesObject[],
  network: string,
  trust: GatewayTrust,
): {networkGateways: KubernetesObject[]; otherGateways: KubernetesObject[]} {
  const gateways = gatewaysInto({network, facts: {networkGateways: [...services]}})
  return {
    networkGateways: gateways.filter(service => isTrustedGateway(service, trust)),
    otherGateways: gateways.filter(service => !isTrustedGateway(service, trust)),
  }
}
