import {networkLabel} from '../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../engine/kubernetes/object.ts'
import type {ControlPlane} from '../istio/control-plane.ts'
import {readInjector} from '../istio/remote.ts'
import {clusterNameFrom} from '../spec/context-ref.ts'
import type {FederationFacts} from './facts.ts'
import {namedGatewaysIn} from './gateways/named.ts'
import type {GatewaysByContext} from './gateways/spec.ts'
import {clusterInRecord, readGatewaysRecord} from './record.ts'
import {primaryOf, type Roles} from './spec-primary-remote.ts'

/** One cluster of a federation: its identity in the mesh, and what was read from it. */
export interface MeshMember {
  /** Name of the kubeconfig context. */
  context: string
  /** Name of the cluster in the mesh. */
  cluster: string
  /** Name of the cluster's network; '' if all pods are on one network. */
  network: string
  /** URL of the API server for the other clusters; undefined in a client dry run. */
  server: string | undefined
  /** undefined in a client dry run. */
  facts: FederationFacts | undefined
  /** The revision of the cluster that the Spec's revision or tag names; undefined for the control plane without one. */
  revision: string | undefined
  /** The control plane of the revision. */
  controlPlane: ControlPlane | undefined
  /** Gateways outside the system namespace that the Spec or the record names, as `NAMESPACE/NAME`. */
  namedGateways?: readonly string[]
  /** Set for a remote: the context of its primary. */
  primary?: string
  /** Set if this run renders the control plane: its record, and the objects that earlier runs created according to it. */
  rendered?: Pick<FederationFacts, 'created' | 'unrecorded'> & {record?: KubernetesObject | undefined}
  /** The objects of a control plane that earlier runs rendered, if their record is gone and this run does not list them again. */
  lostControlPlane?: readonly KubernetesObject[]
}

/** The fields of a Spec that identify clusters. Commands that only read or remove have no others. */
export interface MemberNaming {
  /** Names in the mesh, by context. */
  clusterName: Readonly<Record<string, string>>
  revision: string | undefined
  /** Networks, by context. */
  network?: Readonly<Record<string, string>>
  /** URLs of the API servers for the other clusters, by context. */
  server?: Readonly<Record<string, string>>
  /** Settings of gateways, by context. Without them, the record names the gateways that count. */
  gateway?: GatewaysByContext
  singleNetwork?: boolean
  mode?: Roles['mode']
  primary?: string | undefined
  contexts?: readonly string[]
}

/** The values from which the names of a member are chosen. */
interface Sources {
  spec: MemberNaming
  context: string
  facts: FederationFacts | undefined
  mode: Roles['mode']
  controlPlane: ControlPlane | undefined
  /** Cluster and network in the webhook of a remote; undefined for every other cluster. */
  injected: {cluster: string | undefined; network: string | undefined} | undefined
}

/**
 * Returns a cluster as a member of the mesh. Each value comes from the Spec, otherwise from the cluster, otherwise from
 * a default: see `clusterNameOf` and `networkOf` for the precedence.
 *
 * @param spec without `mode`, the mode in the cluster's record applies
 * @param facts undefined in a client dry run
 */
export function resolveMember(spec: MemberNaming, context: string, facts: FederationFacts | undefined): MeshMember {
  const revision = facts ? facts.revision : spec.revision
  const controlPlane = facts && controlPlaneOf(facts, revision)
  const mode = spec.mode ?? recordedMode(facts)
  const primary = primaryOf({primary: undefined, contexts: [], ...spec, mode})
  const isRemote = primary !== undefined && primary !== context
  const injected = isRemote ? readInjector(facts?.primaryRemote?.injector) : undefined
  const sources = {spec, context, facts, mode, controlPlane, injected}
  const cluster = clusterNameOf(sources)
  return {
    context,
    cluster,
    network: networkOf(sources, cluster),
    server: spec.server?.[context] ?? facts?.cluster.server,
    facts,
    revision,
    controlPlane,
    ...namedGatewaysOf(spec, context, facts),
    ...(isRemote ? {primary} : {}),
  }
}

/** Only a Spec with settings of gateways, even if they are empty, overrides the record. */
function namedGatewaysOf(
  {gateway}: MemberNaming,
  context: string,
  facts: FederationFacts | undefined,
): Pick<MeshMember, 'namedGateways'> {
  const namedGateways = gateway ? (gateway[context]?.existing ?? []) : namedGatewaysIn(facts?.record)
  return namedGateways.length > 0 ? {namedGateways} : {}
}

/** The mode in the record, as far as names depend on it: primary-remote counts as multi-primary. */
function recordedMode(facts: FederationFacts | undefined): Roles['mode'] {
  return readGatewaysRecord(facts?.record) ? 'gateways' : 'multi-primary'
}

/** Returns the first name of a precedence list. */
function clusterNameOf({spec, context, facts, mode, controlPlane, injected}: Sources): string {
  const recorded = clusterInRecord(facts?.record)
  const precedence = [
    spec.clusterName[context],
    // In gateways mode only kubectl-mesh uses the name, and services are exported under it.
    mode === 'gateways' ? recorded : undefined,
    configuredClusterId(controlPlane),
    injected?.cluster,
    recorded,
  ]
  return precedence.find(name => name !== undefined) ?? clusterNameFrom(context)
}

/** The cluster ID of istiod, unless it is the default of a control plane without one. */
function configuredClusterId(controlPlane: ControlPlane | undefined): string | undefined {
  return controlPlane?.cluster === 'Kubernetes' ? undefined : controlPlane?.cluster
}

/** Returns the network of the Spec, otherwise the first network in the cluster that is not empty. */
function networkOf({spec, context, facts, controlPlane, injected}: Sources, cluster: string): string {
  const requested = spec.network?.[context]
  if (requested !== undefined) return requested
  const precedence = [
    facts?.namespace?.metadata.labels?.[networkLabel],
    controlPlane?.network,
    // On a single network, a remote's webhook carries the name of the primary's network.
    spec.singleNetwork ? undefined : injected?.network,
    spec.singleNetwork ? undefined : cluster,
  ]
  return precedence.find(network => network) ?? ''
}

/** Returns the control plane of a revision; without one, that of the revision `default`. */
export function controlPlaneOf(facts: FederationFacts, revision: string | undefined): ControlPlane | undefined {
  return facts.controlPlanes.find(controlPlane => controlPlane.revision === (revision ?? 'default'))
}
