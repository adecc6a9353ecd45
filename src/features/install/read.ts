import {type LiveDefinition, readDefinitions} from '../../control-plane/read-definitions.ts'
import {hasSailOperator} from '../../control-plane/sail.ts'
import type {Cluster} from '../../engine/cluster/cluster.ts'
import {applySetParentRef} from '../../engine/kubernetes/applyset.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {type Membership, type MembershipOptions, readMembership} from '../../engine/plan/membership.ts'
import type {ControlPlane} from '../../istio/control-plane.ts'
import {readTags, webhooksOf} from '../../istio/injection.ts'
import {isServedBy, type PodProxy, readProxy} from '../../istio/proxy.ts'
import {isOfSystemNamespace} from '../../istio/system-objects.ts'
import {federationApplySet} from '../../mesh/applyset.ts'
import {controlPlaneApplySet} from '../../mesh/control-plane/objects.ts'
import {readControlPlanes} from '../../mesh/read.ts'

/** Where a control plane is. */
export interface InstallPlace {
  systemNamespace: string
  /** Undefined for the control plane without a revision. */
  revision: string | undefined
}

/** What is known of a place in a cluster; all that a removal needs. */
export interface PlaceFacts {
  /** The objects that earlier runs created. */
  membership: Membership
  /** All control planes of the cluster. */
  controlPlanes: ControlPlane[]
  /** The cluster is a member of a federation whose record is in the system namespace. */
  isFederated: boolean
}

/** What `mesh install` reads from the cluster. */
export interface InstallFacts extends PlaceFacts {
  /** Istio's CustomResourceDefinitions, by name. */
  definitions: Map<string, LiveDefinition>
  hasSail: boolean
  /** Revision by tag. */
  tags: Map<string, string>
  /** Namespaces with an istiod that an injector calls. Only administrators of the cluster can write injectors. */
  proved: ReadonlySet<string>
}

/**
 * Reads what is known of a place, in parallel.
 *
 * @throws ApiError, UnreachableError
 */
export async function readPlace(
  cluster: Cluster,
  place: InstallPlace,
  options: MembershipOptions = {},
): Promise<PlaceFacts> {
  const [membership, controlPlanes, record] = await Promise.all([
    readMembership(cluster, controlPlaneApplySet(place), options),
    readControlPlanes(cluster),
    cluster.get(applySetParentRef(federationApplySet(place))),
  ])
  return {membership, controlPlanes, isFederated: record !== undefined}
}

/**
 * Reads the facts in parallel.
 *
 * @param manager our field manager
 * @throws ApiError, UnreachableError
 */
export async function readInstall(cluster: Cluster, place: InstallPlace, manager: string): Promise<InstallFacts> {
  const [facts, definitions, hasSail, injectors] = await Promise.all([
    readPlace(cluster, place),
    readDefinitions(cluster, manager),
    hasSailOperator(cluster),
    cluster.list({apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingWebhookConfiguration'}),
  ])
  return {...facts, definitions, hasSail, tags: readTags(injectors), proved: namespacesCalled(injectors)}
}

function namespacesCalled(injectors: readonly KubernetesObject[]): Set<string> {
  return new Set(injectors.flatMap(webhooksOf).flatMap(({clientConfig}) => clientConfig?.service?.namespace ?? []))
}

/** A control plane, and what its record of `mesh install` or `mesh federate` contains. */
export interface Installed {
  controlPlane: ControlPlane
  /** Tool that rendered it: `istioctl`, `helm`, `sail`. Undefined if kubectl-mesh did not install it. */
  via: string | undefined
}

/** Reads all control planes of a cluster with their records. */
export async function readInstalled(cluster: Cluster): Promise<Installed[]> {
  const controlPlanes = await readControlPlanes(cluster)
  return Promise.all(
    controlPlanes.map(async controlPlane => {
      const revision = controlPlane.revision === 'default' ? undefined : controlPlane.revision
      const set = controlPlaneApplySet({systemNamespace: controlPlane.namespace, revision})
      const record = await cluster.get(applySetParentRef(set))
      return {controlPlane, via: (record?.data as {via?: string} | undefined)?.via}
    }),
  )
}

/** Returns the control plane of a place. */
export function controlPlaneAt(
  controlPlanes: readonly ControlPlane[],
  {systemNamespace, revision = 'default'}: InstallPlace,
): ControlPlane | undefined {
  return controlPlanes.find(one => one.namespace === systemNamespace && one.revision === revision)
}

/** Returns whether an object can belong to the control plane of a place. A label on another one proves nothing and causes nothing. */
export function canBelongTo({
  systemNamespace,
}: Pick<InstallPlace, 'systemNamespace'>): (object: KubernetesObject) => boolean {
  return object => isOfSystemNamespace(object, systemNamespace)
}

/** Reads the running proxies that the control plane of a place serves. */
export async function readProxies(
  cluster: Cluster,
  {systemNamespace, revision = 'default'}: InstallPlace,
): Promise<PodProxy[]> {
  const pods = await cluster.list({apiVersion: 'v1', kind: 'Pod'})
  return pods
    .flatMap(pod => readProxy(pod) ?? [])
    .filter(proxy => isServedBy(proxy, {revision, namespace: systemNamespace}))
}
