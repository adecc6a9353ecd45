import {addressProblems, podProblems} from '../../../mesh/gateways/problems.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {neededGateways, primaryAmong} from '../../../mesh/primary-remote.ts'
import {forEachMember} from '../preflight/for-each.ts'
import type {FederationCheck} from '../preflight/subject.ts'

/** The other clusters find the gateway of a network by the conditions that istiod sets. */
const gatewayAddress: FederationCheck = {
  id: 'gateway-address',
  about: 'east-west gateway has an address',
  run: forEachMember((member, {all, spec}) =>
    needsGateway(member, all, spec.singleNetwork)
      ? neededGateways(member, all).flatMap(service => addressProblems(service, member, spec.mode !== 'gateways'))
      : [],
  ),
}

const gatewayPods: FederationCheck = {
  id: 'gateway-pods',
  about: 'pods of the east-west gateway are available',
  lasting: {},
  run: forEachMember((member, {all, spec}) =>
    needsGateway(member, all, spec.singleNetwork)
      ? neededGateways(member, all).flatMap(service => podProblems(service, member))
      : [],
  ),
}

/** Whether pods of other networks, or remotes, connect to the gateway of a cluster. */
function needsGateway(member: MeshMember, all: readonly MeshMember[], singleNetwork: boolean): boolean {
  if (singleNetwork) return member === primaryAmong(all)
  return all.some(({network}) => network !== member.network)
}

/** Checks that the gateways of joined clusters can be used. */
export const joinedGatewayChecks: readonly FederationCheck[] = [gatewayAddress, gatewayPods]
