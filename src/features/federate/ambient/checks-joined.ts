import {networkLabel} from '../../../engine/kubernetes/labels.ts'
import {ambientGatewayClass} from '../../../istio/ambient.ts'
import {ambientGatewayProblems, ambientGatewaysOf, ambientPodProblems} from '../../../mesh/ambient/gateways.ts'
import {forEachMember} from '../preflight/for-each.ts'
import type {FederationCheck} from '../preflight/subject.ts'
import {servesAmbient} from './spec.ts'

/** Istiods of the other clusters find the gateway by the address in its status. */
const ambientGateway: FederationCheck = {
  id: 'ambient-gateway',
  about: 'gateway of ambient mode has an address and pods',
  lasting: {ambient: true},
  run: forEachMember((member, {spec, all}) => {
    const isNeeded = servesAmbient(spec) && all.some(({network}) => network !== member.network)
    if (!isNeeded || !member.facts) return undefined
    const gateways = ambientGatewaysOf(member)
    if (gateways.length > 0)
      return gateways.flatMap(gateway => [
        ...ambientGatewayProblems(gateway, member),
        ...ambientPodProblems(gateway, member),
      ])
    return {
      message: `no gateway for ambient mode: no Gateway of class ${ambientGatewayClass} in ${spec.systemNamespace} is labelled ${networkLabel}=${member.network}`,
      hints: ['kubectl mesh federate creates it'],
    }
  }),
}

/** Checks of what ambient mode needs after the clusters have joined. */
export const joinedAmbientChecks: readonly FederationCheck[] = [ambientGateway]
