import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {hasAmbientLabel, namespaceLabelsOf, waypointOf} from '../../../istio/ambient.ts'
import {readProxy} from '../../../istio/proxy.ts'
import {shellWord} from '../../../text/shell-word.ts'
import {findService} from '../istio-endpoints.ts'
import type {LocalityFacts} from '../read.ts'
import type {BalanceCheck} from './checks-hosts.ts'

/**
 * ztunnel reads the traffic distribution of a Service, but no DestinationRule (ambientz of istiod 1.31 has only the former). A
 * waypoint reads both.
 */
export const ztunnelBalances: BalanceCheck = {
  id: 'ambient',
  about: 'clients in ambient mode use the settings',
  run: ({spec, facts, hosts}) => {
    if (spec.preferClose) return []
    const {ambient, proxied} = clientsIn(facts)
    if (ambient.length === 0) return []
    return hosts
      .filter(host => !hasWaypoint(findService(host, facts), facts))
      .map(({host, service}) => ({
        level: proxied.length === 0 ? ('error' as const) : ('warning' as const),
        message: `${host}: ztunnel does not read DestinationRules, so the settings have no effect on requests from pods in ambient mode`,
        hints: [
          ...(service ? ['use --prefer-close, which ztunnel reads: it prefers the zone of the client'] : []),
          `or create a waypoint, which reads DestinationRules: istioctl waypoint apply -n ${shellWord(service?.namespace ?? 'NAMESPACE')} --enroll-namespace`,
        ],
      }))
  },
}

/** The pods that send requests with a sidecar or as a gateway, and those whose requests ztunnel sends. */
function clientsIn({pods, namespaces}: LocalityFacts): {proxied: KubernetesObject[]; ambient: KubernetesObject[]} {
  return {
    proxied: pods.filter(pod => readProxy(pod)?.alive && !isOfAmbientMode(pod)),
    ambient: pods.filter(pod => !readProxy(pod) && hasAmbientLabel(pod, namespaceLabelsOf(pod, namespaces))),
  }
}

/** Waypoints and east-west gateways, whose pods istiod creates. */
function isOfAmbientMode({metadata}: KubernetesObject): boolean {
  const managed = metadata.labels?.['gateway.istio.io/managed']
  return managed === 'istio.io-mesh-controller' || managed === 'istio.io-eastwest-controller'
}

function hasWaypoint(service: KubernetesObject | undefined, {namespaces}: LocalityFacts): boolean {
  return service !== undefined && waypointOf(service, namespaceLabelsOf(service, namespaces)) !== undefined
}
