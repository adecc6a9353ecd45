import {inCluster} from '../../engine/kubeconfig/in-cluster.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {readMembership} from '../../engine/plan/membership.ts'
import type {ControlPlane} from '../../istio/control-plane.ts'
import {controlPlaneApplySet} from '../../mesh/control-plane/objects.ts'
import type {MeshMember} from '../../mesh/members.ts'
import {injectedNetwork, pilotAddressOf, primaryAmong, remoteSetUp} from '../../mesh/primary-remote.ts'
import {servesAmbient} from './ambient/spec.ts'
import type {Federation} from './spec.ts'

/** The mesh ID if neither the Spec nor a control plane has one (istio.io, "Install Multi-Primary"). */
const defaultMeshId = 'mesh1'

type RenderedObjects = NonNullable<MeshMember['rendered']>

/** The settings that all control planes of a mesh share. */
interface SharedSettings {
  meshId: string
  /** undefined: no control plane exists, and the Spec has none. */
  trustDomain: string | undefined
}

/**
 * Returns the clusters as they will be after this run, as far as control planes are concerned.
 *
 * A control plane is rendered if the cluster has none, if its values do not match the mesh, or if an earlier run rendered
 * it. Such a member has the future control plane, and `rendered`. A remote never has a control plane. With
 * `--control-plane keep`, nothing is rendered.
 *
 * The record of a rendered control plane also stores the files of `--values`. If it is gone, only a run that sets these again renders
 * the control plane and lists its objects.
 *
 * @param setsValues the run sets `--values`, or resets it
 * @throws InClusterError (exit 3)
 */
export async function resolveControlPlanes(
  spec: Federation,
  all: readonly MeshMember[],
  setsValues = false,
): Promise<MeshMember[]> {
  if (spec.controlPlane === 'keep') return [...all]
  const shared = sharedSettings(spec, all)
  return Promise.all(
    all.map(async member => {
      const rendered = await renderedObjects(member, spec)
      const lost = lostObjects(rendered, spec)
      const resolved = lost.length > 0 && !setsValues ? {...member, lostControlPlane: lost} : member
      const isRendered = rendered.created.length > 0 || (lost.length > 0 && setsValues)
      if (!isRendered && isUpToDate(spec, member, all, shared)) return resolved
      const controlPlane = member.primary === undefined ? futureControlPlane(spec, member, shared) : member.controlPlane
      return {...resolved, controlPlane, rendered}
    }),
  )
}

function sharedSettings(spec: Federation, all: readonly MeshMember[]): SharedSettings {
  const known = all.flatMap(({controlPlane}) => (controlPlane ? [controlPlane] : []))
  return {
    meshId: spec.meshId ?? known.find(({meshId}) => meshId !== undefined)?.meshId ?? defaultMeshId,
    trustDomain: spec.trustDomain ?? known[0]?.trustDomain,
  }
}

/** The objects of the control plane that earlier runs created. None in a client dry run. */
async function renderedObjects({cluster, facts, revision}: MeshMember, spec: Federation): Promise<RenderedObjects> {
  if (!facts) return {created: [], unrecorded: []}
  const set = controlPlaneApplySet({systemNamespace: spec.systemNamespace, revision})
  const membership = await inCluster(cluster, () => readMembership(facts.cluster, set))
  return {created: membership.objects, unrecorded: membership.unrecorded, record: membership.parent}
}

/** Objects with the label of a control plane whose record is gone. Only administrators of the mesh can write in its namespace. */
function lostObjects({record, unrecorded}: RenderedObjects, {systemNamespace}: Federation): KubernetesObject[] {
  return record ? [] : unrecorded.filter(({metadata}) => metadata.namespace === systemNamespace)
}

function isUpToDate(spec: Federation, member: MeshMember, all: readonly MeshMember[], shared: SharedSettings): boolean {
  return member.primary === undefined ? matchesMesh(spec, member, shared) : isSetUp(spec, member, all)
}

/** Whether the cluster runs a control plane with the values of this mesh. */
function matchesMesh(spec: Federation, member: MeshMember, shared: SharedSettings): boolean {
  const {cluster, network, controlPlane} = member
  if (!controlPlane || controlPlane.cluster !== cluster || controlPlane.meshId !== shared.meshId) return false
  const {trustDomain = controlPlane.trustDomain} = shared
  if (!controlPlane.acceptedTrustDomains.includes(trustDomain)) return false
  if (spec.mode === 'primary-remote' && !controlPlane.servesRemotes) return false
  if (servesAmbient(spec) && !runsAmbient(controlPlane, member)) return false
  return spec.singleNetwork || controlPlane.network === network
}

/** Whether the control plane serves pods in ambient mode in several networks, and ztunnel runs. */
function runsAmbient({ambient}: ControlPlane, {facts}: MeshMember): boolean {
  const hasZtunnel = (facts?.ambient?.ztunnels.length ?? 0) > 0
  return hasZtunnel && (ambient?.multiNetwork ?? false) && (ambient?.sharesServices ?? false)
}

/** Whether a remote that was set up by other means uses the primary's istiod, with its names in the mesh. */
function isSetUp(spec: Federation, member: MeshMember, all: readonly MeshMember[]): boolean {
  const primary = primaryAmong(all)
  const network = injectedNetwork(member, primary, spec.singleNetwork)
  const {named, leadsThere, dials} = remoteSetUp(member, pilotAddressOf(spec.remotePilotAddress, primary), network)
  return named && leadsThere && dials
}

function futureControlPlane(
  spec: Federation,
  {cluster, network, revision}: MeshMember,
  shared: SharedSettings,
): ControlPlane {
  const {trustDomain = 'cluster.local'} = shared
  return {
    revision: revision ?? 'default',
    namespace: spec.systemNamespace,
    version: undefined,
    cluster,
    network: spec.singleNetwork ? undefined : network,
    meshId: shared.meshId,
    trustDomain,
    trustDomainAliases: [],
    acceptedTrustDomains: [trustDomain],
    externalCa: undefined,
    manager: undefined,
    replicas: 1,
    ready: 1,
    capturesDns: spec.mode === 'gateways' && spec.dns === 'istio',
    allocatesAddresses: true,
    servesRemotes: spec.mode === 'primary-remote',
    // Its version is known only after it is rendered.
    readsRemoteSecrets: true,
    discoverySelectors: [],
    meshConfigProblems: [],
    ...(servesAmbient(spec) ? {ambient: {multiNetwork: true, sharesServices: true, scopes: []}} : {}),
  }
}
