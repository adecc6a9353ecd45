import {isIP} from 'node:net'
import {partOfLabel} from '../engine/kubernetes/applyset.ts'
import type {KubernetesObject} from '../engine/kubernetes/object.ts'
import {istiodPorts, readInjector} from '../istio/remote.ts'
import {isCreated} from './facts.ts'
import {addressesOf, trustedGatewaysOf} from './gateway-services.ts'
import type {MeshMember} from './members.ts'
import {readRemoteRecord} from './record.ts'

/** Returns the primary of a federation; undefined in another mode, or if it is not one of the given members. */
export function primaryAmong(all: readonly MeshMember[]): MeshMember | undefined {
  const context = all.find(({primary}) => primary !== undefined)?.primary
  return context === undefined ? undefined : all.find(member => member.context === context)
}

/** The settings of primary-remote mode that are kept in the records. */
export interface RecordedSettings {
  mode: 'primary-remote'
  remotePilotAddress: string | undefined
  singleNetwork: boolean
}

/** Returns the settings with which clusters joined in primary-remote mode; undefined in another mode. */
export function joinedWith(all: readonly Pick<MeshMember, 'facts'>[]): RecordedSettings | undefined {
  const records = all.flatMap(({facts}) => readRemoteRecord(facts?.record) ?? [])
  if (records.length === 0) return undefined
  return {
    mode: 'primary-remote',
    remotePilotAddress: records.find(({pilotAddress}) => pilotAddress !== undefined)?.pilotAddress,
    singleNetwork: records.every(({singleNetwork}) => singleNetwork),
  }
}

/**
 * Returns the name of a remote's primary in the mesh. If the primary is not one of the members, it is the recorded
 * name.
 */
export function nameOfPrimary({primary}: MeshMember, all: readonly MeshMember[]): string {
  return primaryAmong(all)?.cluster ?? primary!
}

/**
 * Returns the members with the roles in their records, for commands whose Spec has no roles. The `primary` of a remote
 * is a context, or the recorded name if the primary is not one of the members.
 */
export function withRoles(all: readonly MeshMember[]): MeshMember[] {
  return all.map(member => {
    const name = readRemoteRecord(member.facts?.record)?.primary
    if (name === undefined) return member
    return {...member, primary: all.find(({cluster}) => cluster === name)?.context ?? name}
  })
}

/**
 * Returns the gateways through which remotes can reach the primary's istiod: the trusted gateways of its network, otherwise the
 * Service `istio-eastwestgateway` of the system namespace. `--remote-pilot-address` sets another address.
 */
export function istiodGatewaysOf(primary: MeshMember): KubernetesObject[] {
  const fallback = primary.facts?.primaryRemote?.gateway
  const found = trustedGatewaysOf(primary)
  return found.length > 0 || !fallback ? found : [fallback]
}

/**
 * Returns the gateways that other clusters need: those of the member's network, and for a primary those of its istiod. Gateways
 * in other namespaces count only if `--gateway CTX=existing=NAMESPACE/NAME` names them.
 */
export function neededGateways(member: MeshMember, all: readonly MeshMember[]): KubernetesObject[] {
  return member === primaryAmong(all) ? istiodGatewaysOf(member) : trustedGatewaysOf(member)
}

/**
 * Returns the needed gateways that another tool created, so that the federation creates none. The gateways of another federation
 * in the cluster do not count. A forged label only has the effect that our gateway is created too.
 */
export function foreignGateways(member: MeshMember, all: readonly MeshMember[]): KubernetesObject[] {
  const {facts} = member
  const isOurs = (service: KubernetesObject) => facts !== undefined && isCreated(service, facts)
  const isNamed = ({metadata}: KubernetesObject) =>
    member.namedGateways?.includes(`${metadata.namespace}/${metadata.name}`) ?? false
  return neededGateways(member, all).filter(
    service => isNamed(service) || (!service.metadata.labels?.[partOfLabel] && !isOurs(service)),
  )
}

/** Returns whether a gateway's Service has the ports of istiod that remotes use. */
export function hasIstiodPorts({spec}: KubernetesObject): boolean {
  const ports = ((spec as {ports?: {port: number}[]} | undefined)?.ports ?? []).map(({port}) => port)
  return ports.includes(istiodPorts.xds) && ports.includes(istiodPorts.webhook)
}

/**
 * Returns the address at which remotes reach the primary's istiod: the requested one, otherwise the first address of
 * its gateway; undefined if it has none yet.
 */
export function pilotAddressOf(requested: string | undefined, primary: MeshMember | undefined): string | undefined {
  return requested ?? (primary && istiodGatewaysOf(primary).filter(hasIstiodPorts).flatMap(addressesOf)[0])
}

/**
 * Returns the network that a remote's webhook sets for proxies. On a single network it is that of the primary, if any.
 */
export function injectedNetwork(
  {network}: MeshMember,
  primary: MeshMember | undefined,
  singleNetwork: boolean,
): string | undefined {
  return singleNetwork ? primary?.controlPlane?.network : network
}

/** The current state of a remote. */
export interface RemoteSetUp {
  /** A webhook for the revision exists. */
  installed: boolean
  /** The webhook has the cluster and network names of the mesh. */
  named: boolean
  /** Service `istiod[-rev]` has the primary's address. */
  leadsThere: boolean
  /** The webhook uses a port that works. For a host name, that is the gateway's port: an ExternalName maps no ports. */
  dials: boolean
  /** The primary's istiod has added its CA to the webhook. */
  trusted: boolean
}

/**
 * Compares the state of a remote with the desired address and network.
 *
 * @param address undefined while it is not known
 */
export function remoteSetUp(remote: MeshMember, address: string | undefined, network: string | undefined): RemoteSetUp {
  const {injector, istiodAddresses = []} = remote.facts?.primaryRemote ?? {}
  const webhook = readInjector(injector)
  return {
    installed: injector !== undefined,
    named: webhook.cluster === remote.cluster && webhook.network === network,
    leadsThere: address !== undefined && istiodAddresses.includes(address),
    dials: istiodAddresses.every(one => isIP(one)) || webhook.port === istiodPorts.webhook,
    trusted: webhook.trusted,
  }
}
