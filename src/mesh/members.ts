import {partOfLabel} from '../engine/kubernetes/applyset.ts'
import {networkLabel, remoteClusterAnnotation} from '../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../engine/kubernetes/object.ts'
import type {ControlPlane} from '../istio/control-plane.ts'
import {names} from '../istio/names.ts'
import {readInjector} from '../istio/remote.ts'
import type {FederationFacts} from './facts.ts'
import {clusterInRecord, readGatewaysRecord} from './record.ts'
import {primaryOf, type Roles} from './spec-primary-remote.ts'

/** One cluster of a federation: how it is called and reached, and what was read there (nothing in a client dry run). */
export interface MeshMember {
  context: string
  /** Name in the mesh. */
  cluster: string
  network: string
  /** API server address that the others use; undefined in a client dry run. */
  server: string | undefined
  facts: FederationFacts | undefined
  /** The control plane of the Spec's revision. */
  controlPlane: ControlPlane | undefined
  /** Of a remote: the context of its primary. */
  primary?: string
  /** The control plane is to be rendered by this run; what earlier runs made of it. */
  rendered?: {made: readonly KubernetesObject[]}
}

/** The part of a Spec that names clusters; a removal or a look has no more. */
export interface MemberNaming {
  /** Names in the mesh, by context. */
  clusterName: Readonly<Record<string, string>>
  revision: string | undefined
  /** Networks, by context. */
  network?: Readonly<Record<string, string>>
  /** API server addresses that the other clusters use, by context. */
  server?: Readonly<Record<string, string>>
  singleNetwork?: boolean
  mode?: Roles['mode']
  primary?: string | undefined
  contexts?: readonly string[]
}

/** Names, networks and addresses: what the Spec says, else what was found, else the field's defaults. Without a mode the record's holds. */
export function resolveMember(spec: MemberNaming, context: string, facts: FederationFacts | undefined): MeshMember {
  const controlPlane = facts && controlPlaneOf(facts, spec.revision)
  const named = controlPlane?.cluster === 'Kubernetes' ? undefined : controlPlane?.cluster
  const mode = spec.mode ?? (readGatewaysRecord(facts?.record) ? 'gateways' : 'multi-primary')
  const primary = primaryOf({primary: undefined, contexts: [], ...spec, mode})
  const isRemote = primary !== undefined && primary !== context
  const injected = isRemote ? readInjector(facts?.primaryRemote?.injector) : undefined
  const before = clusterInRecord(facts?.record)
  // in gateways mode nobody but this plugin uses the name, and services are exported under it
  const exported = mode === 'gateways' ? before : undefined
  const cluster = spec.clusterName[context] ?? exported ?? named ?? injected?.cluster ?? before ?? context
  const labelled = facts?.namespace?.metadata.labels?.[networkLabel]
  const network =
    spec.network?.[context] ??
    (labelled || controlPlane?.network || (spec.singleNetwork ? undefined : injected?.network)) ??
    (spec.singleNetwork ? '' : cluster)
  return {
    context,
    cluster,
    network,
    server: spec.server?.[context] ?? facts?.cluster.server,
    facts,
    controlPlane,
    ...(isRemote ? {primary} : {}),
  }
}

/** The control plane with the revision of the Spec; without one, that of the revision `default`. */
export function controlPlaneOf(facts: FederationFacts, revision: string | undefined): ControlPlane | undefined {
  return facts.controlPlanes.find(plane => plane.revision === (revision ?? 'default'))
}

/** A kubeconfig for another cluster that was found in a remote Secret. */
export interface FoundCredential {
  target: string
  secret: KubernetesObject
  /** The Secret is a member of one of our ApplySets. */
  ours: boolean
  kubeconfig: string
}

/** All credentials that a cluster holds: each data key of a remote Secret is a cluster's name. */
export function credentialsIn(facts: FederationFacts): FoundCredential[] {
  return facts.remoteSecrets.flatMap(secret =>
    Object.entries((secret.data ?? {}) as Record<string, string>).map(([target, data]) => ({
      target,
      secret,
      ours: secret.metadata.labels?.[partOfLabel] !== undefined,
      kubeconfig: Buffer.from(data, 'base64').toString('utf8'),
    })),
  )
}

/** The cluster that a remote Secret is for: its annotation, else its only key. */
export function remoteClusterOf(secret: KubernetesObject): string | undefined {
  const keys = Object.keys((secret.data ?? {}) as object)
  return secret.metadata.annotations?.[remoteClusterAnnotation] ?? (keys.length === 1 ? keys[0] : undefined)
}

/** Whether a Secret holds several clusters' credentials by our layout. */
export function isBundle(secret: KubernetesObject): boolean {
  return secret.metadata.name === names.bundledSecret
}
