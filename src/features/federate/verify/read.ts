import {type TriedAddress, tryConnect} from '../../../engine/cluster/reach.ts'
import {inCluster} from '../../../engine/kubeconfig/in-cluster.ts'
import {revisionLabel} from '../../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import type {Problem} from '../../../errors.ts'
import {globalServiceLabel, hbonePort} from '../../../istio/ambient.ts'
import {ambientGatewaysOf, statusAddresses} from '../../../mesh/ambient/gateways.ts'
import type {FederationFacts} from '../../../mesh/facts.ts'
import {trustedGatewaysOf} from '../../../mesh/gateway-services.ts'
import {gatewayEndpointsOf} from '../../../mesh/gateways/endpoints.ts'
import {namedGatewaysIn} from '../../../mesh/gateways/named.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {readGatewaysRecord} from '../../../mesh/record.ts'
import {credentialsIn} from '../../../mesh/remote-secrets.ts'
import {globalHost} from '../../../mesh/services/objects.ts'
import {parseImports} from '../../../mesh/services/parse-import.ts'
import {type ExportingCluster, readExportingOf} from '../../../mesh/services/read.ts'
import {type ObservedCredential, testCredential} from './read-credentials.ts'
import {type ObservedIstiod, readIstiods} from './read-istiods.ts'
import {federationTrafficLabel} from './traffic/objects.ts'

/** A Service. */
export interface ObservedService {
  namespace: string
  name: string
  /** `http:5000/TCP`, sorted. */
  ports: string[]
  /** Clusters share it in ambient mode. */
  isGlobal?: true
}

/** The state of one cluster that `federate verify` checks. */
export interface ObservedCluster {
  member: MeshMember
  /** Why the API server could not be reached. Everything below is empty then. */
  unreachable: Problem | undefined
  /** Every ready istiod pod of the revision. */
  istiods: ObservedIstiod[]
  credentials: ObservedCredential[]
  /** Connections from this machine to the gateway addresses of the cluster. */
  addresses: TriedAddress[]
  /** Namespaces that are labelled for sidecar injection or ambient mode. */
  meshNamespaces: ReadonlySet<string>
  /** All namespaces, except the temporary ones of `--traffic`. */
  namespaces: ReadonlySet<string>
  /** Services of all namespaces. */
  services: ObservedService[]
  /** In gateways mode: DestinationRules of all namespaces. */
  rules: readonly KubernetesObject[]
  /** In gateways mode: what the cluster exports now of the services that other clusters import from it. */
  exporting: ExportingCluster | undefined
}

/** The control planes to verify, and how their clusters are joined. */
export interface VerifyScope {
  systemNamespace: string
  /** The clusters are joined in gateways mode. */
  gateways: boolean
  /** The clusters have gateways of ambient mode. */
  ambient?: boolean
}

/**
 * Reads the state of one cluster: the debug pages of its istiods, its Services and its exports. Also connects to its gateway
 * addresses from this machine, and has other clusters review the tokens that it holds for them. Writes nothing.
 *
 * @param unreachable why the API server could not be reached, where `member` has no facts
 * @throws InClusterError if the API server refuses a read
 */
export async function observeCluster(
  member: MeshMember,
  all: readonly MeshMember[],
  scope: VerifyScope,
  unreachable: Problem | undefined,
): Promise<ObservedCluster> {
  const {facts} = member
  if (!facts) return unreachableCluster(member, unreachable)
  const {cluster} = facts
  return inCluster(member.cluster, async () => {
    const reading = cluster.list({apiVersion: 'v1', kind: 'Service'})
    const [istiods, addresses, credentials, namespaces, services, rules, exporting] = await Promise.all([
      readIstiods(cluster, {
        systemNamespace: scope.systemNamespace,
        revision: member.revision,
        ambient: scope.ambient ?? false,
      }),
      Promise.all(gatewayPorts(member).map(({address, port}) => tryConnect(address, port))),
      Promise.all(credentialsIn(facts).map(found => testCredential(found, member, all))),
      cluster.list({apiVersion: 'v1', kind: 'Namespace'}),
      reading,
      scope.gateways ? cluster.list({apiVersion: 'networking.istio.io/v1', kind: 'DestinationRule'}) : [],
      scope.gateways ? readExported(member, facts, all, scope, reading) : undefined,
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
      services: services.map(observedService),
      rules,
      exporting,
    }
  })
}

function unreachableCluster(member: MeshMember, unreachable: Problem | undefined): ObservedCluster {
  return {
    member,
    unreachable,
    istiods: [],
    credentials: [],
    addresses: [],
    meshNamespaces: new Set(),
    namespaces: new Set(),
    services: [],
    rules: [],
    exporting: undefined,
  }
}

/** Reads what a cluster exports now of the services that other clusters import from it. */
function readExported(
  {context, cluster: name, network, revision, controlPlane}: MeshMember,
  {cluster, record, isTenant}: FederationFacts,
  all: readonly MeshMember[],
  scope: VerifyScope,
  services: Promise<KubernetesObject[]>,
): Promise<ExportingCluster> {
  const imports = all.flatMap(({facts}) => parseImports(facts?.imports ?? []).imports)
  const exported = new Set(
    imports.filter(({imported}) => Object.hasOwn(imported.exporters, name)).map(({imported}) => globalHost(imported)),
  )
  const isExported = ({metadata}: KubernetesObject) =>
    exported.has(globalHost({name: metadata.name, namespace: metadata.namespace ?? ''}))
  const base = {
    context,
    cluster,
    name,
    network,
    revision,
    isTenant,
    controlPlane,
    record: readGatewaysRecord(record),
    namedGateways: namedGatewaysIn(record),
  }
  return readExportingOf(
    base,
    scope,
    services.then(found => found.filter(isExported)),
  )
}

/** Address and port of each gateway of a cluster's network. */
function gatewayPorts(member: MeshMember): {address: string; port: number}[] {
  const ambient = ambientGatewaysOf(member).flatMap(statusAddresses)
  return [
    ...trustedGatewaysOf(member).flatMap(service => gatewayEndpointsOf(service, member.facts?.nodes)),
    ...ambient.map(address => ({address, port: hbonePort})),
  ]
}

/** The labels of sidecar injection, with revision tags, and of ambient mode (istio.io, "Installing the Sidecar"). */
function isMeshNamespace({metadata}: KubernetesObject): boolean {
  const labels = metadata.labels ?? {}
  return (
    labels['istio-injection'] === 'enabled' ||
    labels[revisionLabel] !== undefined ||
    labels['istio.io/dataplane-mode'] === 'ambient'
  )
}

function observedService({metadata, spec}: KubernetesObject): ObservedService {
  const ports = (spec as {ports?: {name?: string; port: number; protocol?: string}[]} | undefined)?.ports ?? []
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    ...(metadata.labels?.[globalServiceLabel] === 'true' ? {isGlobal: true as const} : {}),
    ports: ports.map(({name = '', port, protocol = 'TCP'}) => `${name}:${port}/${protocol}`).sort(),
  }
}
