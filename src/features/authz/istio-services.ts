import {gatewayNameLabel} from '../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {readMeshHost} from '../../istio/mesh-host.ts'
import {readProxy} from '../../istio/proxy.ts'
import {isSelected} from '../../istio/selectors.ts'
import {hostOfService} from './istio.ts'
import type {AuthzFacts} from './read.ts'

/**
 * The Services or ServiceEntries that define the host of a provider. Several if more than one namespace defines it.
 *
 * @param service a full host, or `namespace/host`
 */
export function servicesOf(service: string, facts: AuthzFacts, clusterDomain: string): KubernetesObject[] {
  const {namespace, host} = hostOfService(service)
  const {service: wanted} = readMeshHost(host, namespace ?? '', clusterDomain)
  if (wanted)
    return facts.services.filter(
      ({metadata}) => metadata.name === wanted.name && metadata.namespace === wanted.namespace,
    )
  return facts.serviceEntries.filter(
    ({metadata, spec}) =>
      ((spec as {hosts?: string[]} | undefined)?.hosts ?? []).includes(host) &&
      (namespace === undefined || metadata.namespace === namespace),
  )
}

/** A port of a Service or a ServiceEntry. */
export interface ServicePort {
  number: number
  /** From `appProtocol`, the name of the port or `protocol`, in lower case. */
  protocol: string
}

/** The ports of a Service or a ServiceEntry. */
export function portsOf(service: KubernetesObject): ServicePort[] {
  const {ports = []} = (service.spec ?? {}) as {
    ports?: {port?: number; number?: number; name?: string; appProtocol?: string; protocol?: string}[]
  }
  return ports.map(({port, number, name = '', appProtocol, protocol = ''}) => ({
    number: port ?? number ?? 0,
    protocol: (appProtocol ?? (service.kind === 'Service' ? name : protocol)).toLowerCase(),
  }))
}

/** The number of ready endpoints of a Service. Undefined for a ServiceEntry, whose endpoints are not in the cluster. */
export function readyEndpoints(service: KubernetesObject, facts: AuthzFacts): number | undefined {
  if (service.kind !== 'Service') return undefined
  const slices = facts.slices.filter(
    ({metadata}) =>
      metadata.namespace === service.metadata.namespace &&
      metadata.labels?.['kubernetes.io/service-name'] === service.metadata.name,
  )
  const endpoints = slices.flatMap(
    slice => (slice as {endpoints?: {addresses?: string[]; conditions?: {ready?: boolean}}[]}).endpoints ?? [],
  )
  const ready = endpoints.filter(({conditions}) => conditions?.ready !== false)
  return new Set(ready.flatMap(({addresses}) => addresses ?? [])).size
}

/** The pods that a Service selects. */
export function podsOf(service: KubernetesObject, facts: Pick<AuthzFacts, 'pods'>): KubernetesObject[] {
  const {selector} = (service.spec ?? {}) as {selector?: Record<string, string>}
  return facts.pods.filter(
    ({metadata}) => metadata.namespace === service.metadata.namespace && isSelected(selector, metadata.labels),
  )
}

/** Whether a pod runs the proxy of a gateway. */
export function isGatewayPod({metadata, spec}: KubernetesObject): boolean {
  const {containers = []} = (spec ?? {}) as {containers?: {name: string; args?: string[]}[]}
  const args = containers.find(({name}) => name === 'istio-proxy')?.args ?? []
  return (
    metadata.annotations?.['inject.istio.io/templates'] === 'gateway' ||
    metadata.labels?.[gatewayNameLabel] !== undefined ||
    args.includes('router')
  )
}

/** Whether a pod accepts mTLS. */
export function acceptsMtls(pod: KubernetesObject): boolean {
  return pod.metadata.labels?.['security.istio.io/tlsMode'] === 'istio' || readProxy(pod) !== undefined
}
