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
 * Returns the gateways of a cluster's own network that kubectl-mesh uses: those in its system namespace, where only
 * administrators of the mesh can write, and those that a setting names.
 *
 * Threat: whoever can create a Service in any namespace can give it the network label. It then counts as a gateway for istiod
 * too, but no address that this program writes may depend on it, and it does not replace our gateway.
 */
export function trustedGatewaysOf(member: {
  network: string
  facts: Pick<FederationFacts, 'networkGateways' | 'namespace'> | undefined
  namedGateways?: readonly string[]
}): KubernetesObject[] {
  const scope = {systemNamespace: member.facts?.namespace?.metadata.name, namedGateways: member.namedGateways}
  return gatewaysInto(member).filter(service => isTrustedGateway(service, scope))
}

/** Where gateways count, and which others a setting names. */
export interface GatewayTrust {
  systemNamespace: string | undefined
  /** As `NAMESPACE/NAME`. */
  namedGateways?: readonly string[] | undefined
}

/** Returns whether a Service is in the system namespace, or named by a setting. */
export function isTrustedGateway(
  {metadata: {namespace, name}}: Pick<KubernetesObject, 'metadata'>,
  {systemNamespace, namedGateways = []}: GatewayTrust,
): boolean {
  return namespace === systemNamespace || namedGateways.includes(`${namespace}/${name}`)
}

/** Returns what a finding reports of gateways outside the system namespace that no setting names. */
export function untrustedGatewayText({metadata: {namespace, name}}: KubernetesObject, network: string): string {
  return `Service ${name} in namespace ${namespace} is labelled as a gateway of network ${network}, but is not used: it is outside the system namespace, and no setting names it`
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
