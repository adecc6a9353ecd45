import {readTrustedMembership} from '../../control-plane/trusted-membership.ts'
import type {Cluster} from '../../engine/cluster/cluster.ts'
import {applySetParentRef} from '../../engine/kubernetes/applyset.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import type {Membership, MembershipOptions} from '../../engine/plan/membership.ts'
import type {ControlPlane} from '../../istio/control-plane.ts'
import {kialiClusterAnnotation} from '../../istio/kiali.ts'
import {readConnectedKiali} from '../../mesh/kiali/read.ts'
import {readControlPlanes} from '../../mesh/read.ts'
import {signingKeyName, signingKeySecret} from './istio-kiali.ts'
import {addonApplySet} from './objects.ts'
import type {AddonName} from './spec-names.ts'

/** What the commands read of a cluster. */
export interface AddonFacts {
  /** The objects that earlier runs created, by add-on. */
  memberships: ReadonlyMap<AddonName, Membership>
  /** The control planes of the system namespace. */
  controlPlanes: readonly ControlPlane[]
  /** The record of Jaeger, which Kiali then reads. */
  jaeger: KubernetesObject | undefined
  /** Names of the clusters for which `mesh addon connect` gave Kiali a credential. */
  connected: readonly string[]
}

/**
 * Reads what is known of add-ons, in parallel.
 *
 * @throws ApiError, UnreachableError; MeshError (exit 3) for an invalid record, and one that nothing proves
 */
export async function readAddons(
  cluster: Cluster,
  names: readonly AddonName[],
  place: {systemNamespace: string},
  options: MembershipOptions = {},
): Promise<AddonFacts> {
  const [memberships, controlPlanes, jaeger, kiali] = await Promise.all([
    Promise.all(
      names.map(
        async name => [name, await readTrustedMembership(cluster, addonApplySet(name, place), options)] as const,
      ),
    ),
    readControlPlanes(cluster, place.systemNamespace),
    cluster.get(applySetParentRef(addonApplySet('jaeger', place))),
    names.includes('kiali') ? readConnectedKiali(cluster, place) : undefined,
  ])
  const connected = kiali?.membership.objects.flatMap(
    ({metadata}) => metadata.annotations?.[kialiClusterAnnotation] ?? [],
  )
  return {memberships: new Map(memberships), controlPlanes, jaeger, connected: connected ?? []}
}

/** Returns the namespace that a record names. */
export function namespaceInRecord(record: KubernetesObject | undefined): string | undefined {
  return (record?.data as {namespace?: string} | undefined)?.namespace
}

/** Reads the key that signs sessions of Kiali: base64. Undefined if there is none. */
export async function readSigningKey(cluster: Cluster, namespace: string): Promise<string | undefined> {
  const secret = await cluster.get({apiVersion: 'v1', kind: 'Secret', namespace, name: signingKeySecret})
  return (secret?.data as Record<string, string> | undefined)?.[signingKeyName]
}
