import {readTrustedMembership} from '../../../control-plane/trusted-membership.ts'
import type {Cluster} from '../../../engine/cluster/cluster.ts'
import {networkLabel} from '../../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import type {Membership} from '../../../engine/plan/membership.ts'
import {names} from '../../../istio/names.ts'
import {sharedApplySet} from './objects.ts'

/** What a registration reads about the objects that VMs share. */
export interface SharedFacts {
  /** The record in the system namespace, and the objects that it lists. */
  membership: Membership
  /** Value of the network label of the system namespace. */
  networkLabel: string | undefined
  /** The Service and the Deployment with the name of our gateway, whoever created them. Empty if they were not read. */
  gatewayObjects: readonly KubernetesObject[]
}

/** What a removal reads about them. */
export interface SharedUse {
  membership: Membership
  /** WorkloadGroups of all namespaces. */
  groups: readonly KubernetesObject[]
}

/**
 * Reads what the VMs of a control plane share, and what a new gateway depends on.
 *
 * @param gateway also read the objects with the name of our gateway
 * @throws UnreachableError, ApiError; MeshError (exit 3) for a record that nothing proves
 */
export async function readShared(
  cluster: Cluster,
  {systemNamespace}: {systemNamespace: string},
  gateway: boolean,
): Promise<SharedFacts> {
  const [membership, namespace, gatewayObjects] = await Promise.all([
    readTrustedMembership(cluster, sharedApplySet({systemNamespace}), {onlyListed: true}),
    cluster.get({apiVersion: 'v1', kind: 'Namespace', name: systemNamespace}),
    gateway ? readGatewayObjects(cluster, systemNamespace) : [],
  ])
  return {membership, networkLabel: namespace?.metadata.labels?.[networkLabel], gatewayObjects}
}

/**
 * Reads what the VMs of a control plane share, and the groups that may use it.
 *
 * @throws as `readShared`
 */
export async function readSharedUse(
  cluster: Cluster,
  {systemNamespace}: {systemNamespace: string},
  trustLabels: boolean,
): Promise<SharedUse> {
  const [membership, groups] = await Promise.all([
    readTrustedMembership(cluster, sharedApplySet({systemNamespace}), {trustLabels, onlyListed: true}),
    cluster.list({apiVersion: 'networking.istio.io/v1', kind: 'WorkloadGroup'}),
  ])
  return {membership, groups}
}

async function readGatewayObjects(cluster: Cluster, namespace: string): Promise<KubernetesObject[]> {
  const found = await Promise.all([
    cluster.get({apiVersion: 'v1', kind: 'Service', namespace, name: names.gateway}),
    cluster.get({apiVersion: 'apps/v1', kind: 'Deployment', namespace, name: names.gateway}),
  ])
  return found.filter(object => object !== undefined)
}
