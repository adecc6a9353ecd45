import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {matchesSelector} from '../../istio/selectors.ts'
import {parseJson} from '../../text/json.ts'
import {addressesOf, gatewaysInto} from '../gateway-services.ts'

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

/** Where other clusters reach the east-west gateway of a cluster; undefined if it has no address yet. */
export function gatewayAddressOf({network, networkGateways, nodes = []}: GatewaySource): GatewayAddress | undefined {
  const gateways = gatewaysInto({network, facts: {networkGateways}})
  const balanced = gateways.flatMap(service => addressesOf(service).map(address => ({address, port: portOf(service)})))
  const found = balanced.length > 0 ? balanced : gateways.flatMap(service => nodePortAddresses(service, nodes))
  const port = found[0]?.port
  if (port === undefined) return undefined
  return {port, addresses: found.filter(one => one.port === port).map(({address}) => address)}
}

/**
 * Returns the Services of a cluster's east-west gateway whose addresses its exports use: those in the system namespace. Only
 * without any there, those in other namespaces, which is reported.
 *
 * Threat: whoever can create a Service in any namespace can give it the network label. Its address would become an endpoint
 * of every exported service in all other clusters.
 *
 * @param services Services with a network label, in all namespaces
 */
export function trustedGateways(
  services: readonly KubernetesObject[],
  network: string,
  systemNamespace: string,
): KubernetesObject[] {
  const gateways = gatewaysInto({network, facts: {networkGateways: [...services]}})
  const trusted = gateways.filter(({metadata}) => metadata.namespace === systemNamespace)
  return trusted.length > 0 ? trusted : gateways
}

/** Port of the gateway: 15443, unless a label sets another one (istio.io/api label, 1.31). */
function portOf({metadata}: KubernetesObject): number {
  return Number(metadata.labels?.['networking.istio.io/gatewayPort'] ?? 15443)
}

interface NodeAddress {
  type: string
  address: string
}

/**
 * Addresses of a gateway of type NodePort: the external IPs of the nodes that its annotation selects. istiod selects no
 * node if it cannot parse the annotation.
 */
function nodePortAddresses(service: KubernetesObject, nodes: readonly KubernetesObject[]) {
  const {type, ports = []} = (service.spec ?? {}) as {type?: string; ports?: {port: number; nodePort?: number}[]}
  const nodePort = ports.find(({port}) => port === portOf(service))?.nodePort
  const matchLabels = nodeSelectorOf(service)
  if (type !== 'NodePort' || nodePort === undefined || !matchLabels) return []
  return nodes
    .filter(({metadata}) => matchesSelector({matchLabels}, metadata.labels ?? {}))
    .flatMap(({status}) => (status as {addresses?: NodeAddress[]} | undefined)?.addresses ?? [])
    .filter(address => address.type === 'ExternalIP')
    .map(({address}) => ({address, port: nodePort}))
}

/** Labels of the annotation `traffic.istio.io/nodeSelector`; undefined if it is not a JSON map. */
function nodeSelectorOf({metadata}: KubernetesObject): Record<string, string> | undefined {
  const text = metadata.annotations?.['traffic.istio.io/nodeSelector']
  if (!text) return {}
  const labels = parseJson(text)
  return typeof labels === 'object' && labels !== null ? (labels as Record<string, string>) : undefined
}
