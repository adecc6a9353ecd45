import {isIP} from 'node:net'
import {partOfLabel} from '../engine/kubernetes/applyset.ts'
import type {KubernetesObject} from '../engine/kubernetes/object.ts'
import {istiodPorts, readInjector} from '../istio/remote.ts'
import {addressesOf, gatewaysInto} from './gateway-services.ts'
import type {MeshMember} from './members.ts'
import {readRemoteRecord} from './record.ts'

/** The primary of a federation; undefined in another mode, or when it is not among the clusters. */
export function primaryAmong(all: readonly MeshMember[]): MeshMember | undefined {
  const context = all.find(({primary}) => primary !== undefined)?.primary
  return context === undefined ? undefined : all.find(member => member.context === context)
}

/** What was said when clusters were joined in primary-remote mode, for looks at them; undefined in another mode. */
export function joinedWith(
  all: readonly MeshMember[],
): {mode: 'primary-remote'; remotePilotAddress: string | undefined; singleNetwork: boolean} | undefined {
  const records = all.flatMap(({facts}) => readRemoteRecord(facts?.record) ?? [])
  if (records.length === 0) return undefined
  return {
    mode: 'primary-remote',
    remotePilotAddress: records.find(({pilotAddress}) => pilotAddress !== undefined)?.pilotAddress,
    singleNetwork: records.every(({singleNetwork}) => singleNetwork),
  }
}

/** Name in the mesh of a remote's primary; of one that is not among the clusters, what it is called by. */
export function nameOfPrimary({primary}: MeshMember, all: readonly MeshMember[]): string {
  return primaryAmong(all)?.cluster ?? primary!
}

/**
 * Clusters with what their records say of them: who is whose remote. For looks, where nobody says it. A primary that is
 * not among them is called by its name in the mesh.
 */
export function withRoles(all: readonly MeshMember[]): MeshMember[] {
  return all.map(member => {
    const name = readRemoteRecord(member.facts?.record)?.primary
    if (name === undefined) return member
    return {...member, primary: all.find(({cluster}) => cluster === name)?.context ?? name}
  })
}

/** The gateways through which a primary's remotes may reach its istiod: into its network, or by the name that ours has. */
export function istiodGatewaysOf(primary: MeshMember): KubernetesObject[] {
  const named = primary.facts?.primaryRemote?.gateway
  const found = gatewaysInto(primary)
  return found.length > 0 || !named ? found : [named]
}

/** The gateways of a cluster that the others need: into its network, and of a primary to its istiod. */
export function neededGateways(member: MeshMember, all: readonly MeshMember[]): KubernetesObject[] {
  return member === primaryAmong(all) ? istiodGatewaysOf(member) : gatewaysInto(member)
}

/** Those of them that are not of our making. */
export function foreignGateways(member: MeshMember, all: readonly MeshMember[]): KubernetesObject[] {
  return neededGateways(member, all).filter(service => !service.metadata.labels?.[partOfLabel])
}

/** Whether a gateway's Service has the ports that remotes dial. */
export function hasIstiodPorts({spec}: KubernetesObject): boolean {
  const ports = ((spec as {ports?: {port: number}[]} | undefined)?.ports ?? []).map(({port}) => port)
  return ports.includes(istiodPorts.xds) && ports.includes(istiodPorts.webhook)
}

/** Where the remotes reach the primary's istiod: what was said, else the address of its gateway; undefined while there is none. */
export function pilotAddressOf(said: string | undefined, primary: MeshMember | undefined): string | undefined {
  return said ?? (primary && istiodGatewaysOf(primary).filter(hasIstiodPorts).flatMap(addressesOf)[0])
}

/** The network that proxies of a remote are told: on a single one the primary's, if that names any. */
export function injectedNetwork(
  {network}: MeshMember,
  primary: MeshMember | undefined,
  singleNetwork: boolean,
): string | undefined {
  return singleNetwork ? primary?.controlPlane?.network : network
}

/** How a remote is set up now. */
export interface RemoteSetUp {
  /** It has a webhook for the revision. */
  installed: boolean
  /** The webhook names its cluster and its network as the mesh does. */
  named: boolean
  /** Its Service `istiod[-rev]` leads to the primary. */
  leadsThere: boolean
  /** The webhook dials a port that leads on: behind a host name that of the gateway, since nothing maps it. */
  dials: boolean
  /** An istiod has put its authority into the webhook. */
  trusted: boolean
}

/** Compares what a remote has with what it should have. `address` undefined: not known yet. */
export function remoteSetUp(remote: MeshMember, address: string | undefined, network: string | undefined): RemoteSetUp {
  const {injector, istiodAddresses = []} = remote.facts?.primaryRemote ?? {}
  const said = readInjector(injector)
  return {
    installed: injector !== undefined,
    named: said.cluster === remote.cluster && said.network === network,
    leadsThere: address !== undefined && istiodAddresses.includes(address),
    dials: istiodAddresses.every(one => isIP(one)) || said.port === istiodPorts.webhook,
    trusted: said.trusted,
  }
}
