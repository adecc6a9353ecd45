import {readTrustedMembership} from '../../control-plane/trusted-membership.ts'
import type {Cluster} from '../../engine/cluster/cluster.ts'
import {applySetParentRef} from '../../engine/kubernetes/applyset.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import type {Membership, MembershipOptions} from '../../engine/plan/membership.ts'
import {kialiSecretLabel, kialiSelector} from '../../istio/kiali.ts'
import {readerAccounts} from '../../istio/names.ts'
import type {MeshMember} from '../members.ts'
import {kialiAccessSet} from './objects.ts'

/** What exists of Kiali and of its access to other clusters in one cluster. */
export interface KialiFacts {
  /** What `mesh addon connect` has created. */
  membership: Membership
  /** Deployments of Kiali. */
  deployments: readonly KubernetesObject[]
  /** Secrets with kubeconfigs in the namespaces of Kiali, regardless of who created them. */
  secrets: readonly KubernetesObject[]
  /** The token Secrets of Kiali's account in the system namespace by name. */
  tokens: ReadonlyMap<string, KubernetesObject>
}

/**
 * Reads what exists of Kiali, in parallel.
 *
 * @throws ApiError, UnreachableError; MeshError (exit 3) for an invalid record
 */
export async function readKiali(
  cluster: Cluster,
  place: {systemNamespace: string},
  options: MembershipOptions = {},
): Promise<KialiFacts> {
  const {systemNamespace} = place
  const kind = {apiVersion: 'v1', kind: 'Secret'}
  const [membership, deployments, own] = await Promise.all([
    readTrustedMembership(cluster, kialiAccessSet(place), options),
    cluster.list({apiVersion: 'apps/v1', kind: 'Deployment'}, {labelSelector: kialiSelector}),
    cluster.list(kind, {namespace: systemNamespace, labelSelector: `app=${readerAccounts.kiali}`}),
  ])
  const namespaces = new Set([
    ...deployments.map(({metadata}) => metadata.namespace!),
    ...connectedNamespaces(membership),
  ])
  const secrets = await Promise.all(
    [...namespaces].map(namespace => cluster.list(kind, {namespace, labelSelector: `${kialiSecretLabel}=true`})),
  )
  return {
    membership,
    deployments,
    secrets: secrets.flat(),
    tokens: new Map(own.map(secret => [secret.metadata.name, secret])),
  }
}

/** The namespaces in which `mesh addon connect` has written Secrets for Kiali. */
export function connectedNamespaces({objects}: Membership): string[] {
  return objects.flatMap(({metadata}) =>
    metadata.labels?.[kialiSecretLabel] === undefined ? [] : (metadata.namespace ?? []),
  )
}

/**
 * Reads what exists of Kiali, if `mesh addon connect` has created something in the cluster.
 *
 * @throws as `readKiali`
 */
export async function readConnectedKiali(
  cluster: Cluster,
  place: {systemNamespace: string},
  options: MembershipOptions = {},
): Promise<KialiFacts | undefined> {
  const record = await cluster.get(applySetParentRef(kialiAccessSet(place)))
  return record || options.trustLabels ? readKiali(cluster, place, options) : undefined
}

/** A member of a mesh with what exists of Kiali there. */
export interface KialiMember {
  member: MeshMember
  kiali: KialiFacts
}

/**
 * Returns the member as `resolveHeld` sees it for Kiali: with Kiali's Secrets instead of those of istiod, and with its tokens. Those of
 * istiod stay, because they contain the certificate authority of the cluster.
 *
 * @param namespace of the Kiali that reads the others; undefined for a cluster that is read
 */
export function asKialiMember({member, kiali}: KialiMember, namespace?: string): MeshMember {
  const {facts} = member
  if (!facts) return member
  const {membership, secrets, tokens} = kiali
  const remoteSecrets = secrets.filter(({metadata}) => metadata.namespace === namespace)
  return {
    ...member,
    facts: {
      ...facts,
      remoteSecrets,
      tokenSecrets: new Map([...facts.tokenSecrets, ...tokens]),
      created: membership.objects,
    },
  }
}
