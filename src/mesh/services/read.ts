import {isTenantOf} from '../../control-plane/read.ts'
import {readRevision} from '../../control-plane/revision.ts'
import type {Cluster} from '../../engine/cluster/cluster.ts'
import type {ApplySet} from '../../engine/kubernetes/applyset.ts'
import {networkLabel} from '../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import type {Problem} from '../../errors.ts'
import type {ControlPlane} from '../../istio/control-plane.ts'
import {tenantRecord} from '../../istio/names.ts'
import {isDiscovered} from '../../istio/selectors.ts'
import {nameOfCluster} from '../../run/where.ts'
import {recordedDataPlane} from '../ambient/record.ts'
import type {DnsFacts} from '../dns/facts.ts'
import {namedGatewaysIn} from '../gateways/named.ts'
import {readNodes} from '../gateways/read.ts'
import {readControlPlanes, readFederationRecord} from '../read.ts'
import {type GatewaysRecord, readGatewaysRecord} from '../record.ts'
import {splitGateways} from './gateway-address.ts'
import type {ServiceImport} from './objects.ts'
import {unwatchedAmong} from './read-unwatched.ts'

/** The control planes of a command on services. */
export interface ServiceScope {
  systemNamespace: string
  revision: string | undefined
  /** Names of clusters by context, as set by the user. */
  clusterName: Readonly<Record<string, string>>
}

/** A cluster that exports or imports services. */
export interface ServiceCluster {
  context: string
  cluster: Cluster
  /** Name in the mesh. */
  name: string
  network: string
  /** The revision of the cluster that the requested revision or tag names; undefined for the control plane without one. */
  revision: string | undefined
  /** Its control plane is a tenant: see `resourceLabels`. */
  isTenant: boolean
  /** The control plane of the revision. */
  controlPlane: ControlPlane | undefined
  /** Record of `mesh federate --mode gateways`. */
  record: GatewaysRecord | undefined
  /** The discoverySelectors of istiod do not match the system namespace: it ignores the imports there. */
  isBlind?: boolean
  /** Clusters share Services by a label, because pods run in ambient mode. They import nothing. */
  isAmbient?: boolean
  /** It joined with multi-primary or primary-remote: the istiods of the other clusters read its endpoints. */
  sharesEndpoints?: boolean
  /** Gateways outside the system namespace that the record of the federation names, as `NAMESPACE/NAME`. */
  namedGateways: readonly string[]
}

/** Which services are selected. */
export interface ServiceChoice {
  /** Name of one Service; undefined for all that match the selector. */
  name: string | undefined
  /** Label selector; undefined for all Services. */
  selector: string | undefined
  /** Undefined for all namespaces. */
  namespace: string | undefined
}

/** State of a cluster that exports services. */
export interface ExportingCluster extends ServiceCluster {
  /** The Services of its east-west gateway: those in the system namespace, and those that the record names. */
  networkGateways: KubernetesObject[]
  /** Other Services with the label of its network. They are only reported. */
  otherGateways: KubernetesObject[]
  /** Istio Gateways in the system namespace. */
  gateways: KubernetesObject[]
  /** Undefined if the user may not list them. */
  nodes: KubernetesObject[] | undefined
  /** The selected Services. */
  services: KubernetesObject[]
  /** Pods in the namespaces of `services`. */
  pods: KubernetesObject[]
  workloadEntries: KubernetesObject[]
  /** Namespaces of `services` that the discoverySelectors of istiod do not match. */
  unwatched?: readonly string[]
}

/** State of a cluster that imports services. */
export interface ImportingCluster extends ServiceCluster {
  imports: ServiceImport[]
  /** ServiceEntries that kubectl-mesh created and that are not valid imports any more. They are left alone. */
  invalid: KubernetesObject[]
  /** One for each of `invalid`. */
  problems: Problem[]
  /** The objects of all imports: live members of the ApplySet. */
  members: readonly KubernetesObject[]
  /** Objects that carry the label of imports and are none. They are left alone. */
  unrecorded: readonly KubernetesObject[]
  /** Objects of imports whose record is gone: see `lostMembers`. */
  lost: readonly KubernetesObject[]
  /** Other ServiceEntries in the system namespace. */
  foreignEntries: KubernetesObject[]
  /**
   * ServiceEntries in all other namespaces, whose administrators are not those of the mesh: they are reported, and decide
   * nothing.
   */
  outsideEntries: KubernetesObject[]
  /** DestinationRules of all namespaces. */
  rules: readonly KubernetesObject[]
  /** The ApplySet of the imports, with those of single revisions that it replaces. */
  set: ApplySet
  /** Parents of the replaced ApplySets. */
  replaced: readonly KubernetesObject[]
  /** Whether the parent of the ApplySet exists. */
  hasParent: boolean
  /** Configuration of the DNS server that resolves `.global`. */
  dns: DnsFacts
}

/**
 * Reads what all commands on services need from a cluster.
 *
 * @throws UnreachableError, ApiError
 */
export async function readServiceCluster(cluster: Cluster, scope: ServiceScope): Promise<ServiceCluster> {
  const {systemNamespace: namespace} = scope
  const {context} = cluster
  const [revision, controlPlanes, parent, system, tenant] = await Promise.all([
    readRevision(cluster, scope.revision),
    readControlPlanes(cluster, namespace),
    readFederationRecord(cluster, scope),
    cluster.get({apiVersion: 'v1', kind: 'Namespace', name: namespace}),
    cluster.get({apiVersion: 'v1', kind: 'ConfigMap', namespace, name: tenantRecord}),
  ])
  const controlPlane = controlPlanes.find(one => one.revision === (revision ?? 'default'))
  const recorded = (parent?.data ?? {}) as {cluster?: string; network?: string}
  const name = scope.clusterName[context] ?? recorded.cluster ?? nameOfCluster(controlPlane, context)
  const network = recorded.network || networkOf(system, controlPlane) || name
  const isTenant = isTenantOf(tenant, revision, controlPlanes)
  const isBlind = !isDiscovered(controlPlane?.discoverySelectors ?? [], system?.metadata.labels ?? {})
  const namedGateways = namedGatewaysIn(parent)
  const record = readGatewaysRecord(parent)
  const isAmbient = record === undefined && hasAmbientPlane(parent, controlPlane)
  const base = {context, cluster, name, network, revision, isTenant, controlPlane, record, isBlind, namedGateways}
  return {...base, isAmbient, sharesEndpoints: isShared({parent, record, isAmbient})}
}

/** In the modes other than gateways, each istiod reads the endpoints of all clusters. */
function isShared({
  parent,
  record,
  isAmbient,
}: Pick<ServiceCluster, 'record' | 'isAmbient'> & {parent: KubernetesObject | undefined}): boolean {
  return parent !== undefined && record === undefined && !isAmbient
}

/** Without a record, another tool may have joined the clusters. */
function hasAmbientPlane(record: KubernetesObject | undefined, controlPlane: ControlPlane | undefined): boolean {
  return record ? recordedDataPlane(record) !== 'sidecar' : (controlPlane?.ambient?.multiNetwork ?? false)
}

/** The network of a cluster: the label of its system namespace, else the setting of its control plane. */
function networkOf(system: KubernetesObject | undefined, controlPlane: ControlPlane | undefined): string | undefined {
  return system?.metadata.labels?.[networkLabel] || controlPlane?.network
}

/**
 * Reads the selected services of a cluster, their workloads, and the gateways of the cluster.
 *
 * @throws UnreachableError, ApiError
 */
export async function readExporting(
  base: ServiceCluster,
  scope: Pick<ServiceScope, 'systemNamespace'>,
  choice: ServiceChoice,
): Promise<ExportingCluster> {
  return readExportingOf(base, scope, selectServices(base.cluster, choice))
}

/**
 * Like `readExporting`, for Services that the caller reads.
 *
 * @throws UnreachableError, ApiError
 */
export async function readExportingOf(
  base: ServiceCluster,
  scope: Pick<ServiceScope, 'systemNamespace'>,
  selected: Promise<KubernetesObject[]>,
): Promise<ExportingCluster> {
  const {cluster} = base
  const istio = 'networking.istio.io/v1'
  const [networkGateways, gateways, nodes, services] = await Promise.all([
    cluster.list({apiVersion: 'v1', kind: 'Service'}, {labelSelector: networkLabel}),
    cluster.list({apiVersion: istio, kind: 'Gateway'}, {namespace: scope.systemNamespace}),
    readNodes(cluster),
    selected,
  ])
  const namespaces = [...new Set(services.map(({metadata}) => metadata.namespace!))]
  const inEach = (kind: {apiVersion: string; kind: string}) =>
    Promise.all(namespaces.map(namespace => cluster.list(kind, {namespace})))
  const [pods, workloadEntries, unwatched] = await Promise.all([
    inEach({apiVersion: 'v1', kind: 'Pod'}),
    inEach({apiVersion: istio, kind: 'WorkloadEntry'}),
    unwatchedAmong(namespaces, base),
  ])
  return {
    ...base,
    ...splitGateways(networkGateways, base.network, {...scope, namedGateways: base.namedGateways}),
    gateways,
    nodes,
    services,
    pods: pods.flat(),
    workloadEntries: workloadEntries.flat(),
    unwatched,
  }
}

/**
 * Reads the selected Services of a cluster.
 *
 * @throws UnreachableError, ApiError
 */
export async function selectServices(
  cluster: Cluster,
  {name, selector, namespace}: ServiceChoice,
): Promise<KubernetesObject[]> {
  const kind = {apiVersion: 'v1', kind: 'Service'}
  if (name !== undefined) {
    const service = await cluster.get({...kind, namespace: namespace!, name})
    return service ? [service] : []
  }
  return cluster.list(kind, {
    ...(namespace === undefined ? {} : {namespace}),
    ...(selector === undefined ? {} : {labelSelector: selector}),
  })
}
