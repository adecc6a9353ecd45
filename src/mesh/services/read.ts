import type {Cluster} from '../../engine/cluster/cluster.ts'
import {ApiError} from '../../engine/cluster/errors.ts'
import {applySetId, partOfLabel} from '../../engine/kubernetes/applyset.ts'
import {networkLabel} from '../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import type {ControlPlane} from '../../istio/control-plane.ts'
import {federationApplySet} from '../applyset.ts'
import {dnsPlace} from '../dns/objects-stub.ts'
import {readControlPlanes} from '../read.ts'
import {type GatewaysRecord, readGatewaysRecord} from '../record.ts'
import {readServiceImport, type ServiceImport, servicesApplySet} from './objects.ts'

/** Which control planes a command on services is about. */
export interface ServiceWhere {
  systemNamespace: string
  revision: string | undefined
  clusterName: Readonly<Record<string, string>>
}

/** A cluster that exports or imports services. */
export interface ServiceCluster {
  context: string
  cluster: Cluster
  /** Name in the mesh. */
  name: string
  network: string
  /** The control plane of the revision. */
  controlPlane: ControlPlane | undefined
  /** What `mesh federate --mode gateways` noted here. */
  record: GatewaysRecord | undefined
}

/** Which services are meant. */
export interface ServiceChoice {
  /** One by its name; else all that fit the selector, or all. */
  name: string | undefined
  selector: string | undefined
  /** Undefined: all namespaces. */
  namespace: string | undefined
}

/** What was read of a cluster that exports. */
export interface ExportingCluster extends ServiceCluster {
  /** Services with a network label, of all namespaces. */
  networkGateways: KubernetesObject[]
  /** Gateways (Istio's) of the system namespace. */
  gateways: KubernetesObject[]
  /** Undefined: no right to read them. */
  nodes: KubernetesObject[] | undefined
  services: KubernetesObject[]
  /** In the namespaces of `services`. */
  pods: KubernetesObject[]
  workloadEntries: KubernetesObject[]
}

/** What was read of a cluster that imports. */
export interface ImportingCluster extends ServiceCluster {
  /** Of all namespaces, without ours. */
  othersEntries: KubernetesObject[]
  imports: ServiceImport[]
  /** The parent of our set is there. */
  hasParent: boolean
  /** ConfigMap of the DNS server that gives out the names, where that is not Istio. */
  dnsConfig: KubernetesObject | undefined
}

/** Reads what all commands on services need of a cluster. Throws `UnreachableError` or `ApiError`. */
export async function readServiceCluster(cluster: Cluster, where: ServiceWhere): Promise<ServiceCluster> {
  const {systemNamespace: namespace, revision} = where
  const {context} = cluster
  const [planes, parent, system] = await Promise.all([
    readControlPlanes(cluster, namespace),
    cluster.get({apiVersion: 'v1', kind: 'ConfigMap', namespace, name: federationApplySet(where).name}),
    cluster.get({apiVersion: 'v1', kind: 'Namespace', name: namespace}),
  ])
  const controlPlane = planes.find(plane => plane.revision === (revision ?? 'default'))
  const noted = (parent?.data ?? {}) as {cluster?: string; network?: string}
  const called = controlPlane?.cluster === 'Kubernetes' ? undefined : controlPlane?.cluster
  const name = where.clusterName[context] ?? noted.cluster ?? called ?? context
  const network = noted.network || system?.metadata.labels?.[networkLabel] || controlPlane?.network || name
  return {context, cluster, name, network, controlPlane, record: readGatewaysRecord(parent)}
}

/** Reads the services that a cluster exports, with what stands behind them and in front of the cluster. */
export async function readExporting(
  base: ServiceCluster,
  where: Pick<ServiceWhere, 'systemNamespace'>,
  choice: ServiceChoice,
): Promise<ExportingCluster> {
  return readExportingOf(base, where, servicesOf(base.cluster, choice))
}

/** The same of Services that somebody else reads. */
export async function readExportingOf(
  base: ServiceCluster,
  where: Pick<ServiceWhere, 'systemNamespace'>,
  meant: Promise<KubernetesObject[]>,
): Promise<ExportingCluster> {
  const {cluster} = base
  const istio = 'networking.istio.io/v1'
  const [networkGateways, gateways, nodes, services] = await Promise.all([
    cluster.list({apiVersion: 'v1', kind: 'Service'}, {labelSelector: networkLabel}),
    cluster.list({apiVersion: istio, kind: 'Gateway'}, {namespace: where.systemNamespace}),
    nodesOf(cluster),
    meant,
  ])
  const namespaces = [...new Set(services.map(({metadata}) => metadata.namespace!))]
  const inEach = (kind: {apiVersion: string; kind: string}) =>
    Promise.all(namespaces.map(namespace => cluster.list(kind, {namespace})))
  const [pods, workloadEntries] = await Promise.all([
    inEach({apiVersion: 'v1', kind: 'Pod'}),
    inEach({apiVersion: istio, kind: 'WorkloadEntry'}),
  ])
  return {
    ...base,
    networkGateways,
    gateways,
    nodes,
    services,
    pods: pods.flat(),
    workloadEntries: workloadEntries.flat(),
  }
}

/** Reads what a cluster imports already, and which hosts are taken there. */
export async function readImporting(base: ServiceCluster, where: ServiceWhere): Promise<ImportingCluster> {
  const {cluster, record} = base
  const set = servicesApplySet(where)
  const dns = record?.dns ?? 'istio'
  const [entries, parent, dnsConfig] = await Promise.all([
    cluster.list({apiVersion: 'networking.istio.io/v1', kind: 'ServiceEntry'}),
    cluster.get({apiVersion: 'v1', kind: 'ConfigMap', namespace: set.namespace, name: set.name}),
    dns === 'istio' ? undefined : cluster.get(dnsPlace(dns).ref),
  ])
  const isOurs = ({metadata}: KubernetesObject) => metadata.labels?.[partOfLabel] === applySetId(set)
  return {
    ...base,
    othersEntries: entries.filter(entry => !isOurs(entry)),
    imports: entries.filter(isOurs).map(readServiceImport),
    hasParent: parent !== undefined,
    dnsConfig,
  }
}

async function servicesOf(cluster: Cluster, {name, selector, namespace}: ServiceChoice): Promise<KubernetesObject[]> {
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

/** Their localities are worth having, but no reason to fail. */
async function nodesOf(cluster: Cluster): Promise<KubernetesObject[] | undefined> {
  try {
    return await cluster.list({apiVersion: 'v1', kind: 'Node'})
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return undefined
    throw error
  }
}
