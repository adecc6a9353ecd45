import type {Cluster} from '../../../engine/cluster/cluster.ts'
import {ApiError, UnreachableError} from '../../../engine/cluster/errors.ts'
import {type TriedAddress, tryConnect} from '../../../engine/cluster/reach.ts'
import {reviewToken} from '../../../engine/cluster/tokens.ts'
import {inCluster} from '../../../engine/kubeconfig/in-cluster.ts'
import {revisionLabel} from '../../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {messageOf} from '../../../errors.ts'
import type {FederationFacts} from '../../../mesh/facts.ts'
import {addressesOf, gatewaysInto} from '../../../mesh/gateway-services.ts'
import {credentialsIn, type MeshMember} from '../../../mesh/members.ts'
import {accessIn} from '../../../mesh/read-credentials.ts'
import {readGatewaysRecord} from '../../../mesh/record.ts'
import {globalHost} from '../../../mesh/services/objects.ts'
import {type ExportingCluster, readExportingOf} from '../../../mesh/services/read.ts'
import {parseImports} from '../../../mesh/services/read-imports.ts'
import {
  type KnownCluster,
  type KnownGateway,
  type KnownHosts,
  readClusterz,
  readEndpointz,
  readNetworkz,
} from './istio-debug-pages.ts'
import {federationTrafficLabel} from './objects-traffic.ts'

/** What one istiod said on its debug pages, or why it did not. */
export type SeenIstiod =
  | {pod: string; error: string}
  | ({pod: string; error?: undefined; clusters: KnownCluster[]; gateways: KnownGateway[]} & KnownHosts)

/** A credential that a cluster holds. */
export interface SeenCredential {
  /** Data key of the Secret: what the holder's istiod calls the cluster. */
  key: string
  /** Name of the Secret. */
  secret: string
  /** Name in the mesh of the cluster that it leads to; undefined when that is none of those looked at. */
  leadsTo: string | undefined
  /** `accepted` and `refused` by that cluster now; `unknown`: nobody could be asked, `why` says it. */
  state: 'accepted' | 'refused' | 'unknown'
  why?: string
}

/** A Service of a mesh namespace. */
export interface SeenService {
  namespace: string
  name: string
  /** `http:5000/TCP`, sorted. */
  ports: string[]
}

/** One cluster as a verification sees it. */
export interface SeenCluster {
  member: MeshMember
  /** Why its API server did not answer; everything below is empty then. */
  unreachable: string | undefined
  /** Every ready istiod pod of the revision. */
  istiods: SeenIstiod[]
  credentials: SeenCredential[]
  /** Tries to reach its gateways from this machine. */
  addresses: TriedAddress[]
  /** Namespaces whose pods get sidecars or are ambient, by the namespaces' labels. */
  meshNamespaces: ReadonlySet<string>
  /** Namespaces that exist. */
  namespaces: ReadonlySet<string>
  /** Services of all namespaces. */
  services: SeenService[]
  /** In gateways mode: those of its Services that others import, with what stands behind and before them. */
  exporting: ExportingCluster | undefined
}

/** Which control planes are looked at, and as what kind of federation. */
export interface VerifyScope {
  systemNamespace: string
  revision: string | undefined
  /** Services are exported one by one. */
  gateways: boolean
}

/** The part of istiod's HTTP port that only its pod reaches: the debug pages (istio.io, "Ports used by Istio"). */
const debugPort = 8080

/**
 * Looks at one cluster from all sides: its istiods' debug pages (through its API server), its gateway addresses (from this
 * machine), the credentials it holds (by the clusters that these are for), its Services, and what it exports. Writes nothing.
 *
 * @throws InClusterError when its API server refuses what needs to be read
 */
export async function readSeenCluster(
  member: MeshMember,
  all: readonly MeshMember[],
  where: VerifyScope,
  unreachable: string | undefined,
): Promise<SeenCluster> {
  const none = {istiods: [], credentials: [], addresses: [], services: [], exporting: undefined}
  if (!member.facts)
    return {member, unreachable, ...none, meshNamespaces: new Set<string>(), namespaces: new Set<string>()}
  const {cluster} = member.facts
  return inCluster(member.cluster, async () => {
    const reading = cluster.list({apiVersion: 'v1', kind: 'Service'})
    const [istiods, addresses, credentials, namespaces, services, exporting] = await Promise.all([
      lookAtIstiods(cluster, where),
      Promise.all(gatewayPlaces(member).map(({address, port}) => tryConnect(address, port))),
      Promise.all(credentialsIn(member.facts!).map(found => judge(found, member, all))),
      cluster.list({apiVersion: 'v1', kind: 'Namespace'}),
      reading,
      where.gateways ? readExported(member, member.facts!, all, where, reading) : undefined,
    ])
    const lasting = namespaces.filter(
      ({metadata}) => !metadata.deletionTimestamp && metadata.labels?.[federationTrafficLabel] === undefined,
    )
    return {
      member,
      unreachable: undefined,
      istiods,
      addresses,
      credentials,
      namespaces: new Set(lasting.map(({metadata}) => metadata.name)),
      meshNamespaces: new Set(lasting.filter(isMeshNamespace).map(({metadata}) => metadata.name)),
      services: services.map(seenService),
      exporting,
    }
  })
}

/** What a cluster has to export now of what others import from it. */
function readExported(
  {context, cluster: name, network, controlPlane}: MeshMember,
  {cluster, record}: FederationFacts,
  all: readonly MeshMember[],
  where: VerifyScope,
  services: Promise<KubernetesObject[]>,
): Promise<ExportingCluster> {
  const imports = all.flatMap(({facts}) => parseImports(facts?.imports ?? []).imports)
  const exported = new Set(
    imports.filter(({imported}) => Object.hasOwn(imported.exporters, name)).map(({imported}) => globalHost(imported)),
  )
  const isExported = ({metadata}: KubernetesObject) =>
    exported.has(globalHost({name: metadata.name, namespace: metadata.namespace ?? ''}))
  const base = {context, cluster, name, network, controlPlane, record: readGatewaysRecord(record)}
  return readExportingOf(
    base,
    where,
    services.then(found => found.filter(isExported)),
  )
}

async function lookAtIstiods(
  cluster: Cluster,
  where: {systemNamespace: string; revision: string | undefined},
): Promise<SeenIstiod[]> {
  const {systemNamespace: namespace, revision = 'default'} = where
  const pods = await cluster.list(
    {apiVersion: 'v1', kind: 'Pod'},
    {namespace, labelSelector: `app=istiod,${revisionLabel}=${revision}`},
  )
  return Promise.all(pods.filter(isReady).map(({metadata: {name}}) => readPages(cluster, {namespace, name})))
}

function isReady({metadata, status}: KubernetesObject): boolean {
  const conditions = (status as {conditions?: {type: string; status: string}[]} | undefined)?.conditions ?? []
  return !metadata.deletionTimestamp && conditions.some(({type, status}) => type === 'Ready' && status === 'True')
}

async function readPages(cluster: Cluster, pod: {namespace: string; name: string}): Promise<SeenIstiod> {
  const page = async <T>(name: string, parse: (body: string) => T): Promise<T> => {
    const {status, body} = await cluster.pods.read(pod, debugPort, `/debug/${name}`)
    if (status !== 200) throw new PageError(`/debug/${name} answered ${status}`)
    try {
      return parse(body)
    } catch (error) {
      throw new PageError(`/debug/${name} ${messageOf(error)}`)
    }
  }
  try {
    const [clusters, gateways, hosts] = await Promise.all([
      page('clusterz', readClusterz),
      page('networkz', readNetworkz),
      page('endpointz', readEndpointz),
    ])
    return {pod: pod.name, clusters, gateways, ...hosts}
  } catch (error) {
    if (!(error instanceof PageError || error instanceof UnreachableError)) throw error
    return {pod: pod.name, error: error.message}
  }
}

/** A debug page that is not as it should be. */
class PageError extends Error {}

/** Address and port of each gateway into a cluster's network. */
function gatewayPlaces(member: MeshMember): {address: string; port: number}[] {
  return gatewaysInto(member).flatMap(service => {
    const port = Number(service.metadata.labels?.['networking.istio.io/gatewayPort'] ?? 15443)
    return addressesOf(service).map(address => ({address, port}))
  })
}

/**
 * Finds the cluster that a credential leads to, and asks that one about the token. The token is shown to no other: only to
 * the cluster of its address or authority, or, where neither is known here, to the one that the Secret names.
 */
async function judge(
  found: ReturnType<typeof credentialsIn>[number],
  holder: MeshMember,
  all: readonly MeshMember[],
): Promise<SeenCredential> {
  const seen = {key: found.target, secret: found.secret.metadata.name}
  const access = accessIn(found.kubeconfig)
  const others = all.filter(other => other !== holder)
  const target = targetOf(access?.server, authorityIn(found.kubeconfig), found.target, others)
  const leadsTo = target?.cluster
  const unknown = (why: string): SeenCredential => ({...seen, leadsTo, state: 'unknown', why})
  if (!target) return unknown('it leads to none of these clusters')
  if (access?.token === undefined) return unknown('it holds no token, and nothing else can be tried from here')
  if (!target.facts) return unknown(`${target.cluster} does not answer`)
  const {token} = access
  const {facts} = target
  return inCluster(target.cluster, async () => {
    try {
      return {...seen, leadsTo, state: (await reviewToken(facts.cluster, token)) ? 'accepted' : 'refused'}
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 403)) throw error
      return unknown(`you may not review tokens in ${target.cluster}`)
    }
  })
}

function targetOf(
  server: string | undefined,
  authority: string | undefined,
  key: string,
  others: readonly MeshMember[],
): MeshMember | undefined {
  const byServer = others.find(other => server !== undefined && other.server === server)
  if (byServer) return byServer
  const byAuthority = others.filter(
    other => authority !== undefined && other.facts?.cluster.certificateAuthority?.trim() === authority,
  )
  // one authority may have signed several clusters' API servers
  return byAuthority.length === 1 ? byAuthority[0] : others.find(({cluster}) => cluster === key)
}

/** PEM of the authority in a kubeconfig that was read before by `accessIn`; undefined when it holds none. */
function authorityIn(kubeconfig: string): string | undefined {
  const data = kubeconfig.match(/^\s*certificate-authority-data:\s*"?([A-Za-z0-9+/=]+)"?\s*$/m)?.[1]
  return data === undefined ? undefined : Buffer.from(data, 'base64').toString('utf8').trim()
}

/** By the labels that injection and ambient go by (istio.io, "Installing the Sidecar"; revision tags too). */
function isMeshNamespace({metadata}: KubernetesObject): boolean {
  const labels = metadata.labels ?? {}
  return (
    labels['istio-injection'] === 'enabled' ||
    labels[revisionLabel] !== undefined ||
    labels['istio.io/dataplane-mode'] === 'ambient'
  )
}

function seenService({metadata, spec}: KubernetesObject): SeenService {
  const ports = (spec as {ports?: {name?: string; port: number; protocol?: string}[]} | undefined)?.ports ?? []
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    ports: ports.map(({name = '', port, protocol = 'TCP'}) => `${name}:${port}/${protocol}`).sort(),
  }
}
