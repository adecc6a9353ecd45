import {networkLabel} from '../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../engine/kubernetes/object.ts'
import type {FederationFacts} from './facts.ts'

/** Services that istiod takes for the gateway of this cluster's network: labelled so, with mTLS on 15443. */
export function gatewaysInto(member: {
  network: string
  facts: Pick<FederationFacts, 'networkGateways'> | undefined
}): KubernetesObject[] {
  return (member.facts?.networkGateways ?? []).filter(({metadata, spec}) => {
    const ports = (spec as {ports?: {port: number}[]} | undefined)?.ports ?? []
    const port = Number(metadata.labels?.['networking.istio.io/gatewayPort'] ?? 15443)
    return metadata.labels?.[networkLabel] === member.network && ports.some(({port: open}) => open === port)
  })
}

/**
 * Addresses at which other clusters reach a gateway's Service, as istiod takes them: load-balancer IPs and host names,
 * and external IPs (pilot/pkg/serviceregistry/kube, 1.31). Empty while there is none.
 */
export function addressesOf(service: KubernetesObject): string[] {
  const spec = service.spec as {externalIPs?: string[]} | undefined
  const status = service.status as {loadBalancer?: {ingress?: {ip?: string; hostname?: string}[]}} | undefined
  const balanced = (status?.loadBalancer?.ingress ?? []).flatMap(({ip, hostname}) =>
    ip ? [ip] : hostname ? [hostname] : [],
  )
  return [...balanced, ...(spec?.externalIPs ?? [])]
}
