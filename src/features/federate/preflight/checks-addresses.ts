import {externalIpOf} from '../../../mesh/gateways/endpoints.ts'
import {gatewayTypeOf} from '../../../mesh/gateways/spec.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {foreignGateways} from '../../../mesh/primary-remote.ts'
import {isLoopback} from '../../../spec/texts.ts'
import {shellWord} from '../../../text/shell-word.ts'
import type {Federation} from '../spec.ts'
import {forEachMember, type MemberFinding} from './for-each.ts'
import type {FederationCheck} from './subject.ts'

/** In another cluster, a loopback address leads a pod to itself. */
const apiAddress: FederationCheck = {
  id: 'api-address',
  about: 'API server addresses are reachable from the other clusters',
  beforeWrite: true,
  run: forEachMember((member, {spec, all}) => {
    const shared = sharedAddress(member, all, spec)
    if (shared) return shared
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

/** The same URL for two clusters is a mistake: one of them would be read twice under two names. */
function sharedAddress(
  {context, cluster}: MeshMember,
  all: readonly MeshMember[],
  {server}: Federation,
): MemberFinding | undefined {
  const url = server[context]
  const before = all.slice(
    0,
    all.findIndex(one => one.context === context),
  )
  const other = url === undefined ? undefined : before.find(one => server[one.context] === url)
  if (!other) return undefined
  return {
    message: `--server sets the same API server address for ${cluster} and ${other.cluster}: ${url}`,
    hints: [`--server ${shellWord(`${context}=https://HOST:PORT`)} with the address of ${cluster}`],
  }
}

/** An istiod that cannot verify the API server of a cluster never synchronizes with it. */
const apiCertificate: FederationCheck = {
  id: 'api-certificate',
  about: 'the certificates of API servers can be verified from the other clusters',
  beforeWrite: true,
  run: forEachMember(({cluster, context, server}, {authorities}) => {
    const problem = authorities?.get(cluster)?.problem
    if (problem === undefined) return undefined
    return {
      message: `the certificate of its API server ${server} is signed neither by the certificate authority of the kubeconfig nor by that of the cluster (${problem}), so that istiods of the other clusters could not connect`,
      hints: [
        `--server ${shellWord(`${context}=https://HOST:PORT`)} with an endpoint of the API server itself`,
        'or set certificate-authority-data for this server in the kubeconfig',
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
    const type = gatewayTypeOf(spec, member.context)
    if (!isCreated || type === 'LoadBalancer' || spec.gateway[member.context]?.externalIPs) return undefined
    if (type === 'NodePort') return withoutExternalIp(member)
    return {
      level: 'warning',
      message: 'a gateway of type ClusterIP has no address that the other clusters can reach',
      hints: [`${externalIpFlag(member)}, or --gateway-service-type LoadBalancer`],
    }
  }),
}

function externalIpFlag({context}: MeshMember): string {
  return `--gateway ${shellWord(`${context}=external-ip=IP`)} for each address that the other clusters can reach`
}

function withoutExternalIp(member: MeshMember): MemberFinding | undefined {
  const {facts} = member
  if (!facts?.nodes || facts.nodes.some(node => externalIpOf(node) !== undefined)) return undefined
  return {
    level: 'warning',
    message:
      'no node has an ExternalIP, so istiods of the other clusters find no address of a gateway of type NodePort: istiod uses no other address of a node',
    hints: [`${externalIpFlag(member)}, such as the address of a node`, 'or --gateway-service-type LoadBalancer'],
  }
}

/** Checks of the addresses of API servers. */
export const apiAddressChecks: readonly FederationCheck[] = [apiAddress, apiCertificate]

/** Checks of the addresses of gateways. */
export const gatewayAddressChecks: readonly FederationCheck[] = [gatewayAddress]
