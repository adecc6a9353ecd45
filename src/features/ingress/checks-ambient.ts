import {waypointOf} from '../../istio/ambient.ts'
import {goBool} from '../../istio/istiod.ts'
import {namesInShort} from '../../text/short-names.ts'
import type {IngressCheck} from './checks-subject.ts'

/**
 * Without the variable, istiod sends ingress gateways no endpoints of other networks, neither of pods in ambient mode nor of those
 * with a sidecar (pilot/pkg/xds/endpoints/ep_filters.go, 1.31). With it, they use only the gateways of ambient mode.
 */
const otherNetworks: IngressCheck = {
  id: 'ambient',
  about: 'the gateway reaches pods of other networks',
  run: ({facts: {controlPlane}}) => {
    if (!controlPlane.controlPlane?.ambient?.multiNetwork) return []
    if (goBool(controlPlane.env.AMBIENT_ENABLE_MULTI_NETWORK_INGRESS) ?? false) return []
    return [
      {
        level: 'warning',
        message:
          'the gateway will reach only pods in its network: istiod does not have AMBIENT_ENABLE_MULTI_NETWORK_INGRESS=true',
        hints: [
          'set pilot.env.AMBIENT_ENABLE_MULTI_NETWORK_INGRESS in the values of your Istio installation: the gateway then reaches pods in ambient mode of other networks, but none with a sidecar',
        ],
      },
    ]
  },
}

/** istiod leads a gateway past the waypoint of a Service unless the Service has a label (istio.io/api label, 1.31). */
const waypoints: IngressCheck = {
  id: 'ambient-waypoints',
  about: 'the gateway sends requests through the waypoints of Services',
  run: ({facts}) => {
    if (!facts.controlPlane.controlPlane?.ambient) return []
    const passed = facts.services.filter(
      service => waypointOf(service, {}) && service.metadata.labels?.[ingressUseWaypoint] !== 'true',
    )
    if (passed.length === 0) return []
    const names = passed.map(({metadata: {namespace, name}}) => `${namespace}/${name}`).sort()
    return [
      {
        level: 'warning',
        message: `requests from the gateway to ${namesInShort(names)} bypass the waypoint, so its policies do not apply to them`,
        hints: [`label the Services ${ingressUseWaypoint}=true to send them through the waypoint`],
      },
    ]
  },
}

/** Label of a Service: gateways send requests through its waypoint. */
const ingressUseWaypoint = 'istio.io/ingress-use-waypoint'

/** The checks of what a gateway reaches in a mesh with pods in ambient mode. */
export const ambientChecks: readonly IngressCheck[] = [otherNetworks, waypoints]
