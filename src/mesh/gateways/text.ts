import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import type {MeshMember} from '../members.ts'
import {neededGateways} from '../primary-remote.ts'
import {gatewayEndpointsOf, isReachedByNodes} from './endpoints.ts'

/** A gateway of type NodePort has one endpoint per node. More are not shown. */
const mostNodes = 3

/**
 * Returns where other clusters reach the gateways of a cluster, as text: addresses, with the port where nodes have another one.
 * Empty without an address.
 */
export function gatewayText(member: MeshMember, all: readonly MeshMember[]): string {
  return neededGateways(member, all)
    .map(service => endpointsText(service, member.facts?.nodes))
    .filter(text => text !== '')
    .join(',')
}

function endpointsText(service: KubernetesObject, nodes: readonly KubernetesObject[] | undefined): string {
  const endpoints = gatewayEndpointsOf(service, nodes)
  if (!isReachedByNodes(service)) return endpoints.map(({address}) => address).join(',')
  const texts = endpoints.map(({address, port}) => `${address.includes(':') ? `[${address}]` : address}:${port}`)
  const more = texts.length - mostNodes
  return `${texts.slice(0, mostNodes).join(',')}${more > 0 ? ` and ${more} more` : ''}`
}
