import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {matchesSelector} from '../../istio/selectors.ts'
import {parseJson} from '../../text/json.ts'
import {addressesOf, gatewayPortOf} from '../gateway-services.ts'

/** Selects the nodes through which a gateway of type NodePort is reached: a JSON map of labels (istio.io/api annotation). */
export const nodeSelectorAnnotation = 'traffic.istio.io/nodeSelector'

/** An address at which other clusters reach a gateway. */
export interface GatewayEndpoint {
  /** IP address or host name. */
  address: string
  port: number
}

/**
 * Returns whether istiod takes the addresses of a gateway from the nodes. A Service of type NodePort without the annotation
 * is no gateway for istiod, unless it has external IPs (pilot/pkg/serviceregistry/kube/controller/util.go,
 * isNodePortGatewayService, 1.24–1.31).
 */
export function isReachedByNodes(service: KubernetesObject): boolean {
  return isNodePort(service) && service.metadata.annotations?.[nodeSelectorAnnotation] !== undefined
}

/** Returns whether a Service has the type NodePort. */
export function isNodePort({spec}: KubernetesObject): boolean {
  return (spec as {type?: string} | undefined)?.type === 'NodePort'
}

/**
 * Returns the endpoints of a gateway as istiod determines them. Empty if it has none, or if its nodes are not known.
 *
 * @param nodes all nodes of the cluster; undefined if they are not known
 */
export function gatewayEndpointsOf(
  service: KubernetesObject,
  nodes: readonly KubernetesObject[] | undefined,
): GatewayEndpoint[] {
  const addresses = addressesOf(service)
  if (!isReachedByNodes(service)) return addresses.map(address => ({address, port: gatewayPortOf(service)}))
  if (addresses.length === 0) return nodeEndpointsOf(service, nodes)
  // With the annotation, istiod combines external IPs with the node port (conversion.go, ClusterExternalPorts).
  const port = nodePortOf(service) ?? gatewayPortOf(service)
  return addresses.map(address => ({address, port}))
}

/**
 * Returns the endpoints of a Service of type NodePort: the external IPs of the nodes that its annotation selects. Without the
 * annotation, and with one that is not a JSON map, these are all nodes.
 */
export function nodeEndpointsOf(
  service: KubernetesObject,
  nodes: readonly KubernetesObject[] | undefined,
): GatewayEndpoint[] {
  const port = nodePortOf(service)
  if (!isNodePort(service) || port === undefined) return []
  const matchLabels = nodeSelectorOf(service)
  return (nodes ?? [])
    .filter(({metadata}) => matchesSelector({matchLabels}, metadata.labels ?? {}))
    .flatMap(node => externalIpOf(node) ?? [])
    .map(address => ({address, port}))
}

/** Returns the first external IP of a node. istiod uses no other address (controller.go, onNodeEvent, 1.24–1.31). */
export function externalIpOf({status}: KubernetesObject): string | undefined {
  const {addresses = []} = (status ?? {}) as {addresses?: {type: string; address: string}[]}
  return addresses.find(({type, address}) => type === 'ExternalIP' && address !== '')?.address
}

function nodePortOf(service: KubernetesObject): number | undefined {
  const {ports = []} = (service.spec ?? {}) as {ports?: {port: number; nodePort?: number}[]}
  return ports.find(({port}) => port === gatewayPortOf(service))?.nodePort
}

/** Labels of the annotation. istiod selects all nodes if it cannot parse it. */
function nodeSelectorOf({metadata}: KubernetesObject): Record<string, string> {
  const labels = parseJson(metadata.annotations?.[nodeSelectorAnnotation] ?? '')
  const isMap = typeof labels === 'object' && labels !== null && !Array.isArray(labels)
  return isMap ? (labels as Record<string, string>) : {}
}
