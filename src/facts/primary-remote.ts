import {isIP} from 'node:net'
import type {Cluster} from '../cluster/cluster.ts'
import {injectorRef, istiodAddressesOf, istiodPorts, readInjector} from '../istio/remote.ts'
import {partOfLabel} from '../manifests/applyset.ts'
import {isIstiodExposed, istiodExposureKinds} from '../manifests/expose-istiod.ts'
import {readRemoteRecord} from '../manifests/federation-record.ts'
import {names, revisioned} from '../manifests/names.ts'
import type {KubernetesObject} from '../manifests/object.ts'
import type {Federation} from '../specs/federation.ts'
import {addressesOf, gatewaysInto, type Joining} from './members.ts'
import {readerMay} from './reader.ts'

/** What only primary-remote mode looks at in a cluster. */
export interface PrimaryRemoteFacts {
  /** The webhook configuration that injects for the revision. */
  injector: KubernetesObject | undefined
  /** Where Service `istiod[-rev]` leads; empty when it is not there, or leads to the cluster's own istiod. */
  istiodAddresses: readonly string[]
  /** istiod is let out through a gateway already, by whomever. */
  istiodExposed: boolean
  /** Service `istio-eastwestgateway` of the system namespace, with or without a network. */
  gateway: KubernetesObject | undefined
  /** The reader account may do what the primary's istiod does in a remote beside reading. */
  readerLeads: boolean
}

/** Reads it; nothing is written. */
export async function readPrimaryRemoteFacts(
  cluster: Cluster,
  where: {systemNamespace: string; revision: string | undefined},
): Promise<PrimaryRemoteFacts> {
  const {systemNamespace: namespace, revision} = where
  const istiod = revisioned('istiod', revision)
  const [injector, service, slices, gateway, readerLeads, ...exposure] = await Promise.all([
    cluster.get(injectorRef(where)),
    cluster.get({apiVersion: 'v1', kind: 'Service', namespace, name: istiod}),
    cluster.list(
      {apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice'},
      {namespace, labelSelector: `kubernetes.io/service-name=${istiod}`},
    ),
    cluster.get({apiVersion: 'v1', kind: 'Service', namespace, name: names.gateway}),
    readerMay(cluster, namespace, leaderRights),
    ...istiodExposureKinds.map(kind => cluster.list(kind, {namespace})),
  ])
  return {
    injector,
    istiodAddresses: istiodAddressesOf(service, slices),
    istiodExposed: isIstiodExposed(exposure.flat(), where, Object.values(istiodPorts)),
    gateway,
    readerLeads,
  }
}

/** Enough of the rights to tell an account by which a remote can be led. */
const leaderRights = [
  {verb: 'create', group: '', resource: 'configmaps'},
  {verb: 'patch', group: 'admissionregistration.k8s.io', resource: 'mutatingwebhookconfigurations'},
]

/** The primary of a federation; undefined in another mode, or when it is not among the clusters. */
export function primaryAmong(all: readonly Joining[]): Joining | undefined {
  const context = all.find(({primary}) => primary !== undefined)?.primary
  return context === undefined ? undefined : all.find(joining => joining.context === context)
}

/** What was said when clusters were joined in primary-remote mode, for looks at them; undefined in another mode. */
export function joinedWith(
  all: readonly Joining[],
): Pick<Federation, 'mode' | 'remotePilotAddress' | 'singleNetwork'> | undefined {
  const records = all.flatMap(({facts}) => readRemoteRecord(facts?.record) ?? [])
  if (records.length === 0) return undefined
  return {
    mode: 'primary-remote',
    remotePilotAddress: records.find(({pilotAddress}) => pilotAddress !== undefined)?.pilotAddress,
    singleNetwork: records.every(({singleNetwork}) => singleNetwork),
  }
}

/** Name in the mesh of a remote's primary; of one that is not among the clusters, what it is called by. */
export function nameOfPrimary({primary}: Joining, all: readonly Joining[]): string {
  return primaryAmong(all)?.cluster ?? primary!
}

/**
 * Clusters with what their records say of them: who is whose remote. For looks, where nobody says it. A primary that is
 * not among them is called by its name in the mesh.
 */
export function withRoles(all: readonly Joining[]): Joining[] {
  return all.map(joining => {
    const name = readRemoteRecord(joining.facts?.record)?.primary
    if (name === undefined) return joining
    return {...joining, primary: all.find(({cluster}) => cluster === name)?.context ?? name}
  })
}

/** The gateways through which a primary's remotes may reach its istiod: into its network, or by the name that ours has. */
export function istiodGatewaysOf(primary: Joining): KubernetesObject[] {
  const named = primary.facts?.primaryRemote?.gateway
  const found = gatewaysInto(primary)
  return found.length > 0 || !named ? found : [named]
}

/** The gateways of a cluster that the others need: into its network, and of a primary to its istiod. */
export function neededGateways(joining: Joining, all: readonly Joining[]): KubernetesObject[] {
  return joining === primaryAmong(all) ? istiodGatewaysOf(joining) : gatewaysInto(joining)
}

/** Those of them that are not of our making. */
export function foreignGateways(joining: Joining, all: readonly Joining[]): KubernetesObject[] {
  return neededGateways(joining, all).filter(service => !service.metadata.labels?.[partOfLabel])
}

/** Whether a gateway's Service has the ports that remotes dial. */
export function hasIstiodPorts({spec}: KubernetesObject): boolean {
  const ports = ((spec as {ports?: {port: number}[]} | undefined)?.ports ?? []).map(({port}) => port)
  return ports.includes(istiodPorts.xds) && ports.includes(istiodPorts.webhook)
}

/** Where the remotes reach the primary's istiod: what was said, else the address of its gateway; undefined while there is none. */
export function pilotAddressOf(said: string | undefined, primary: Joining | undefined): string | undefined {
  return said ?? (primary && istiodGatewaysOf(primary).filter(hasIstiodPorts).flatMap(addressesOf)[0])
}

/** The network that proxies of a remote are told: on a single one the primary's, if that names any. */
export function injectedNetwork(
  {network}: Joining,
  primary: Joining | undefined,
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
export function remoteSetUp(remote: Joining, address: string | undefined, network: string | undefined): RemoteSetUp {
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
