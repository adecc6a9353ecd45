import type {Cluster} from '../../../engine/cluster/cluster.ts'
import type {Right} from '../../../engine/kubernetes/access-rules.ts'
import {rightsFor} from '../../../engine/kubernetes/access-rules.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {type Membership, readMembership} from '../../../engine/plan/membership.ts'
import {waypointClass} from '../../../istio/ambient.ts'
import {gatewayApiKind} from '../../../mesh/ambient/objects.ts'
import type {ServiceCluster} from '../../../mesh/services/read.ts'
import {stubApplySet} from './objects.ts'

/** State of a cluster that shares Services by a label. */
export interface SharingCluster extends ServiceCluster {
  /** The Services of all namespaces, by `NAMESPACE/NAME`. */
  services: ReadonlyMap<string, KubernetesObject>
  /** By name. */
  namespaces: ReadonlyMap<string, KubernetesObject>
  /** The waypoints, as `NAMESPACE/NAME`. */
  waypoints: ReadonlySet<string>
  /** The Services that earlier runs created for clients of this cluster. */
  stubs: Membership
}

/** The permissions to read what a cluster shares. */
export function sharingRights(systemNamespace: string): Right[] {
  return [
    ...rightsFor(['list'], ['services', 'namespaces', 'gateways.gateway.networking.k8s.io']),
    ...rightsFor(['get', 'list'], ['configmaps'], systemNamespace),
  ]
}

/**
 * Reads what a cluster shares, and what its pods need to use Services of other clusters.
 *
 * @throws UnreachableError, ApiError; MeshError (exit 3) for an invalid record
 */
export async function readSharing(
  base: ServiceCluster,
  {systemNamespace, trustLabels = false}: {systemNamespace: string; trustLabels?: boolean},
): Promise<SharingCluster> {
  const {cluster} = base
  const [services, namespaces, gateways, stubs] = await Promise.all([
    cluster.list({apiVersion: 'v1', kind: 'Service'}),
    cluster.list({apiVersion: 'v1', kind: 'Namespace'}),
    listWaypoints(cluster),
    readMembership(cluster, stubApplySet({systemNamespace}), {trustLabels}),
  ])
  return {
    ...base,
    services: new Map(services.filter(isLasting).map(service => [keyOf(service), service])),
    namespaces: new Map(namespaces.filter(isLasting).map(one => [one.metadata.name, one])),
    waypoints: new Set(gateways.map(keyOf)),
    stubs,
  }
}

async function listWaypoints(cluster: Cluster): Promise<KubernetesObject[]> {
  const all = await cluster.list(gatewayApiKind)
  return all.filter(({spec}) => (spec as {gatewayClassName?: string} | undefined)?.gatewayClassName === waypointClass)
}

function isLasting({metadata}: KubernetesObject): boolean {
  return metadata.deletionTimestamp === undefined
}

function keyOf({metadata}: KubernetesObject): string {
  return `${metadata.namespace}/${metadata.name}`
}
