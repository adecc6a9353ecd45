import {istiodPorts} from '../../../istio/remote.ts'
import {addressesOf} from '../../../mesh/gateway-services.ts'
import {gatewayTypeOf} from '../../../mesh/gateways/spec.ts'
import {foreignGateways, hasIstiodPorts, istiodGatewaysOf} from '../../../mesh/primary-remote.ts'
import {contextFlags} from '../../../spec/context-ref.ts'
import {forPrimary} from './for-each.ts'
import {controlPlaneHints, servesRemotesValue} from './install-hint.ts'
import type {FederationCheck} from './subject.ts'

/**
 * Only an istiod with `EXTERNAL_ISTIOD` distributes its root certificate to other clusters and patches their webhooks
 * (pilot multicluster.go, checkShouldLead, 1.31).
 */
const servesRemotes: FederationCheck = {
  id: 'serves-remotes',
  about: "the primary's istiod serves remote clusters",
  lasting: {mode: 'primary-remote', role: 'primary'},
  run: forPrimary((primary, {spec}) => {
    if (!primary.controlPlane || primary.controlPlane.servesRemotes) return undefined
    return {
      message: 'istiod does not serve remote clusters: it would not write its root certificate there',
      hints: [
        ...controlPlaneHints(primary, spec, [servesRemotesValue]),
        ...(spec.controlPlane === 'keep' ? ['or add --control-plane istioctl'] : []),
      ],
    }
  }),
}

const reachableIstiod: FederationCheck = {
  id: 'istiod-reachable',
  about: "remotes can reach the primary's istiod",
  lasting: {mode: 'primary-remote', role: 'primary'},
  run: forPrimary((primary, {all, spec}) => {
    if (!primary.facts || spec.remotePilotAddress !== undefined) return undefined
    const foreign = foreignGateways(primary, all)
    const [first] = foreign
    if (first && !foreign.some(hasIstiodPorts)) {
      const {name, namespace} = first.metadata
      return {
        message: `gateway ${namespace}/${name} has no ports ${istiodPorts.xds} and ${istiodPorts.webhook}, through which remotes reach istiod`,
        hints: [
          `kubectl ${contextFlags(primary.context)} -n ${namespace} edit service ${name}`,
          'or set another address with --remote-pilot-address',
        ],
      }
    }
    const hasAddress = istiodGatewaysOf(primary).some(gateway => addressesOf(gateway).length > 0)
    const type = gatewayTypeOf(spec, primary.context)
    if (hasAddress || type === 'LoadBalancer' || spec.gateway[primary.context]?.externalIPs) return undefined
    return {
      message: `a gateway of type ${type} has no address that remotes can reach`,
      hints: ['--remote-pilot-address ADDRESS'],
    }
  }),
}

/** Checks of a primary. */
export const primaryChecks: readonly FederationCheck[] = [servesRemotes, reachableIstiod]
