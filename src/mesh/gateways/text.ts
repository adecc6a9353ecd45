import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {hbonePort} from '../../istio/ambient.ts'
import {hostPort} from '../../text/host-port.ts'
import {ambientGatewaysOf, statusAddresses} from '../ambient/gateways.ts'
import type {MeshMember} from '../members.ts'
import {neededGateways} from '../primary-remote.ts'
import {gatewayEndpointsOf, isReachedByNodes} from './endpoints.ts'

/** A gateway of type NodePort has one endpoint per node. More are not shown. */
const mostNodes = 3

/**
 * Returns where other clusters reach the gateways of a cluster, as text: addresses, with the port where nodes have another one.
 * Those of ambient mode have the port for HBONE. Empty without an address.
 */
export function gatewayText(member: MeshMember, all: readonly MeshMember[]): string {
  const ambient = ambientGatewaysOf(member).flatMap(statusAddresses)
  return [
    ...neededGateways(member, all).map(service => endpointsText(service, member.facts?.nodes)),
    ...ambient.map(address => hostPort(address, hbonePort)),
  ]
    .filter(text => text !== '')
    .join(',')
}

function endpointsText(service: KubernetesObject, nodes: readonly KubernetesObject[] | undefined): string {
  const endpoints = gatewayEndpointsOf(service, nodes)
  if (!isReachedByNodes(service)) return endpoints.map(({address}) => address).join(',')
  const texts = endpoints.map(({address, port}) => hostPort(address, port))
  const more = texts.length - mostNodes
  return `${texts.slice(0, mostNodes).join(',')}${more > 0 ? ` and ${more} more` : ''}`
}
