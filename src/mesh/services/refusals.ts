import {isApiService} from '../../engine/kubernetes/api-service.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import type {ControlPlane} from '../../istio/control-plane.ts'
import {contextFlags} from '../../spec/context-ref.ts'
import {shellWord} from '../../text/shell-word.ts'
import {exposes} from './gateway-hosts.ts'
import type {ExportingCluster} from './read.ts'

/** Why a service cannot be exported or imported. */
export interface Reason {
  /** Follows `Service NS/NAME `. */
  reason: string
  hint: string
}

/** Why the type or the ports of a Service prevent its export; undefined if they allow it. */
export function unsupportedService(
  service: KubernetesObject,
  {ports, udp}: {ports: readonly unknown[]; udp: readonly number[]},
): Reason | undefined {
  if (isApiService(service))
    return {reason: 'is the API server of this cluster', hint: 'set another Service: NAME -n NS'}
  const {type, clusterIP} = (service.spec ?? {}) as {type?: string; clusterIP?: string}
  if (type === 'ExternalName')
    return {
      reason: 'has type ExternalName, which has no workloads in this cluster',
      hint: 'create a ServiceEntry for that host in the other clusters',
    }
  if (clusterIP === 'None')
    return {
      reason: 'is headless: clients call its pods directly, which a gateway does not support',
      hint: 'create a second Service with the same selector and a cluster IP, and export that',
    }
  if (ports.length > 0) return undefined
  return {
    reason: udp.length > 0 ? 'has only UDP ports, which gateways do not forward' : 'has no ports',
    hint: 'add a TCP port',
  }
}

/** The reason of a service without workloads: other clusters accept only known identities. */
export function noWorkloads(
  {namespace, name, cluster}: {namespace: string; name: string; cluster: string},
  context: string,
): Reason {
  return {
    reason: 'selects no workload, so the identity that other clusters must accept is unknown',
    hint: `start a pod in ${cluster} (kubectl ${contextFlags(context)} -n ${namespace} get endpointslices -l kubernetes.io/service-name=${shellWord(name)}), then export the Service`,
  }
}

/** Why the east-west gateway does not expose a Service; undefined if it does. */
export function notExposed(
  {gateways, name: cluster}: Pick<ExportingCluster, 'gateways' | 'name'>,
  {name, namespace}: {name: string; namespace: string},
  clusterDomain: string,
): Reason | undefined {
  const host = `${name}.${namespace}.svc.${clusterDomain}`
  if (gateways.some(gateway => exposes(gateway, host))) return undefined
  return {
    reason: `is not exposed by the gateway of ${cluster}: no Gateway with mode AUTO_PASSTHROUGH has the host ${host}`,
    hint: 'kubectl mesh federate --mode gateways, without --expose or with a value that includes the host',
  }
}

/** The reason of a cluster whose gateway other clusters cannot reach. */
export function noGatewayAddress({
  name,
  network,
  context,
}: Pick<ExportingCluster, 'name' | 'network' | 'context'>): Reason {
  return {
    reason: `cannot be reached: ${name} has no gateway for its network ${network} with an address`,
    hint: `kubectl mesh federate --mode gateways, or check: kubectl ${contextFlags(context)} get services -A -l ${shellWord(`topology.istio.io/network=${network}`)}`,
  }
}

/** The reason of a service with a value that other clusters would not accept. */
export function invalidExporter({cluster}: {cluster: string}, problem: string): Reason {
  return {
    reason: `cannot be imported by other clusters: ${problem}`,
    hint: `correct the setting in ${cluster} first`,
  }
}

/** Why a Service cannot be exported if istiod ignores its namespace; undefined if istiod watches the namespace. */
export function notWatched(
  {unwatched, controlPlane, context}: Pick<ExportingCluster, 'unwatched' | 'controlPlane' | 'context'>,
  namespace: string,
): Reason | undefined {
  if (!unwatched?.includes(namespace)) return undefined
  return {
    reason: `would have no endpoints: the labels of namespace ${namespace} match none of the discoverySelectors of istiod`,
    hint: labelHint(namespace, controlPlane, context),
  }
}

/** How to add a namespace to those that istiod watches. */
export function labelHint(namespace: string, controlPlane: ControlPlane | undefined, context: string): string {
  const labels = controlPlane?.discoverySelectors.find(({matchLabels}) => matchLabels)?.matchLabels ?? {}
  const [wanted] = Object.entries(labels)
  return wanted === undefined
    ? `change its labels, or the discoverySelectors: kubectl ${contextFlags(context)} get namespace ${namespace} --show-labels`
    : `kubectl ${contextFlags(context)} label namespace ${namespace} ${shellWord(`${wanted[0]}=${wanted[1]}`)}`
}
