import {foreignGateways} from '../../../mesh/primary-remote.ts'
import {isLoopback} from '../../../spec/texts.ts'
import {shellWord} from '../../../text/shell-word.ts'
import {forEachMember} from './for-each.ts'
import type {FederationCheck} from './subject.ts'

/** In another cluster, a loopback address leads a pod to itself. */
const apiAddress: FederationCheck = {
  id: 'api-address',
  about: 'API server addresses are reachable from the other clusters',
  beforeWrite: true,
  run: forEachMember((member, {spec}) => {
    if (member.server === undefined || !isLoopback(member.server) || spec.mode === 'gateways') return undefined
    // No other cluster connects to the API server of a primary.
    if (spec.mode === 'primary-remote' && member.primary === undefined) return undefined
    if (spec.server[member.context] !== undefined) return undefined
    return {
      message: `its API server address ${member.server} is a loopback address, which the other clusters cannot reach`,
      hints: [
        `--server ${shellWord(`${member.context}=https://HOST:PORT`)} with an address that the other clusters can reach`,
      ],
    }
  }),
}

const gatewayAddress: FederationCheck = {
  id: 'gateway-addressable',
  about: 'gateways can get an address for the other clusters',
  beforeWrite: true,
  run: forEachMember((member, {spec, all}) => {
    const isCreated = !spec.singleNetwork && foreignGateways(member, all).length === 0
    if (spec.gatewayServiceType !== 'ClusterIP' || !isCreated) return undefined
    return {
      level: 'warning',
      message: 'a gateway of type ClusterIP has no address that the other clusters can reach',
      hints: ['set externalIPs on its Service, or use --gateway-service-type LoadBalancer'],
    }
  }),
}

/** Checks of the addresses of API servers. */
export const apiAddressChecks: readonly FederationCheck[] = [apiAddress]

/** Checks of the addresses of gateways. */
export const gatewayAddressChecks: readonly FederationCheck[] = [gatewayAddress]
