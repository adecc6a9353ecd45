import {networkLabel} from '../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../engine/kubernetes/object.ts'
import type {FederationFacts} from './facts.ts'

/** Default port of a network gateway for mTLS (istio.io/api label `networking.istio.io/gatewayPort`). */
const defaultGatewayPort = 15443

/**
 * Returns the Services that istiod treats as gateways of a cluster's own network: they have its network label and the
 * gateway port for mTLS.
 */
export function gatewaysInto(member: {
  network: string
  facts: Pick<FederationFacts, 'networkGateways'> | undefined
}): KubernetesObject[] {
  return (member.facts?.networkGateways ?? []).filter(({metadata, spec}) => {
    const ports = (spec as {ports?: {port: number}[]} | undefined)?.ports ?? []
    const gatewayPort = gatewayPortOf({metadata})
    return metadata.labels?.[networkLabel] === member.network && ports.some(({port}) => port === gatewayPort)
  })
}

/**
 * Returns the gateways of a cluster's own network in its system namespace, where only administrators of the mesh can write.
 *
 * Threat: whoever can create a Service in any namespace can give it the network label. It then counts as a gateway for istiod
 * too, but no address that this program writes may depend on it.
 */
export function gatewaysInSystem(member: {
  network: string
  facts: Pick<FederationFacts, 'networkGateways' | 'namespace'> | undefined
}): KubernetesObject[] {
  const system = member.facts?.namespace?.metadata.name
  return gatewaysInto(member).filter(({metadata}) => metadata.namespace === system)
}

/** Returns the port of a gateway's Service for mTLS: 15443, unless a label sets another one. */
export function gatewayPortOf({metadata}: Pick<KubernetesObject, 'metadata'>): number {
  return Number(metadata.labels?.['networking.istio.io/gatewayPort'] ?? defaultGatewayPort)
}

/**
 * Returns the addresses at which other clusters reach a gateway's Service, as istiod determines them: load-balancer IPs
 * and host names, and external IPs (pilot/pkg/serviceregistry/kube, 1.31). Empty if it has none yet.
 */
export function addressesOf(service: KubernetesObject): string[] {
  const spec = service.spec as {externalIPs?: string[]} | undefined
  const status = service.status as {loadBalancer?: {ingress?: {ip?: string; hostname?: string}[]}} | undefined
  const balanced = (status?.loadBalancer?.ingress ?? []).flatMap(({ip, hostname}) =>
    ip ? [ip] : hostname ? [hostname] : [],
  )
  return [...balanced, ...(spec?.externalIPs ?? [])]
}
