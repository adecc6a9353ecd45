import type {Cluster} from '../../engine/cluster/cluster.ts'
import {inCluster} from '../../engine/kubeconfig/in-cluster.ts'
import {applySetId} from '../../engine/kubernetes/applyset.ts'
import type {Change, Edit} from '../../engine/kubernetes/change.ts'
import {
  controlPlaneClustersAnnotation,
  multiClusterLabel,
  networkLabel,
  peerAnnotation,
} from '../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {compareCluster} from '../../engine/plan/compare.ts'
import {objectOfEdit} from '../../engine/plan/edit.ts'
import {planOffline} from '../../engine/plan/offline.ts'
import type {ClusterPlan, Step} from '../../engine/plan/plan.ts'
import {pruneChanges} from '../../engine/plan/prune.ts'
import {isSharedToken, names} from '../../istio/names.ts'
import {isLedBy} from '../../istio/remote.ts'
import {federationApplySet} from '../../mesh/applyset.ts'
import type {MeshMember} from '../../mesh/members.ts'
import {credentialsIn, remoteClusterOf} from '../../mesh/remote-secrets.ts'
import {foreignGateways, nameOfPrimary, primaryAmong} from '../../mesh/primary-remote.ts'
import {resolveCredentials} from '../../mesh/read-credentials.ts'
import {gatewaysRecordData, readRemoteRecord, remoteRecordData} from '../../mesh/record.ts'
import {sameRoot} from '../../pki/read.ts'
import type {Run} from '../../run/run.ts'
import type {CaSource} from './ca-source.ts'
import {controlPlaneChanges} from './control-planes.ts'
import {dnsChangesOf, gatewaysRecordOf} from './dns.ts'
import {buildFederation, type FederationFrame, isNetworkLabelOurs, type Member} from './objects.ts'
import {rootOf} from './preflight/checks-roots.ts'
import type {Federation} from './spec.ts'

/** What the builder needs beside the members. */
function frameOf(spec: Federation): FederationFrame {
  const {systemNamespace, revision, clusterDomain, expose, gatewayServiceType, singleNetwork, credentials} = spec
  return {
    systemNamespace,
    revision,
    clusterDomain,
    expose,
    gatewayServiceType,
    singleNetwork,
    credentials,
    shortLived: spec.credentialDuration !== undefined,
  }
}

/** All changes of a federation, from what was read. `mint` makes short-lived tokens where they are missing or old. */
export async function changesOf(
  spec: Federation,
  all: readonly MeshMember[],
  ca: CaSource,
  mint: boolean,
): Promise<Change[]> {
  // in gateways mode nobody holds a credential, and what was made for one goes
  const credentials = spec.mode === 'gateways' ? undefined : await resolveCredentials(spec, all, new Date(), mint)
  const members = all.map((member): Member => {
    const record = recordOf(spec, member, all)
    const primary = primaryAmong(all)
    return {
      cluster: member.cluster,
      network: member.network,
      ownsNetworkLabel: takesNetworkLabel(member, spec),
      dropsNetworkLabel: spec.singleNetwork && isNetworkLabelOurs(member.facts?.record),
      ca: member.primary === undefined ? caOf(member, ca) : undefined,
      makeGateway: needsGateway(member, all),
      gatewaySelector: gatewaySelectorOf(member),
      makeReader: needsReader(spec, member, all),
      ...(member.primary === undefined ? {} : {primary: nameOfPrimary(member, all)}),
      ...annotationOf(member, all),
      isPrimary: member === primary,
      exposesIstiod: member === primary && needsIstiodExposure(member),
      ...(credentials?.get(member.cluster) ?? {holds: [], keepsInBundle: []}),
      ...(record ? {record} : {}),
    }
  })
  const dns = await Promise.all(all.map(member => dnsChangesOf(spec, member)))
  return [...buildFederation(frameOf(spec), members), ...dns.flat()]
}

/** `cacerts` that is there is never replaced: it has the root we want (or the preflight refused). */
function caOf(member: MeshMember, ca: CaSource): Member['ca'] {
  if (ca.roots.folder === undefined) return undefined
  const root = rootOf(member)
  if (root?.pluggedIn && sameRoot(root.pem, ca.roots.folder)) return undefined
  return ca.intermediates.get(member.cluster) ?? 'issued during apply'
}

/** A label that was not there before us is ours to take away again. */
function takesNetworkLabel({facts}: MeshMember, spec: Federation): boolean {
  if (spec.singleNetwork) return false
  return isNetworkLabelOurs(facts?.record) || facts?.namespace?.metadata.labels?.[networkLabel] === undefined
}

/** A Deployment's selector can't be changed. */
function gatewaySelectorOf({facts}: MeshMember): Record<string, string> | undefined {
  const deployment = facts?.created.find(({kind, metadata}) => kind === 'Deployment' && metadata.name === names.gateway)
  return (deployment?.spec as {selector?: {matchLabels?: Record<string, string>}} | undefined)?.selector?.matchLabels
}

/** Beside cluster, network and whose label it is: what the mode has to remember of a cluster. */
function recordOf(
  spec: Federation,
  member: MeshMember,
  all: readonly MeshMember[],
): Record<string, string> | undefined {
  const gateways = gatewaysRecordOf(spec, member)
  if (gateways) return gatewaysRecordData(gateways)
  if (spec.mode !== 'primary-remote') return undefined
  const isRemote = member.primary !== undefined
  return remoteRecordData({
    primary: isRemote ? nameOfPrimary(member, all) : undefined,
    ownsAnnotation: isRemote && needsAnnotation(member, all),
    pilotAddress: spec.remotePilotAddress,
    singleNetwork: spec.singleNetwork,
  })
}

/** A remote's is set where it is missing; one that we set in what is no remote any more goes. */
function annotationOf(member: MeshMember, all: readonly MeshMember[]): Pick<Member, 'annotation'> {
  if (member.primary !== undefined) return needsAnnotation(member, all) ? {annotation: 'set'} : {}
  return readRemoteRecord(member.facts?.record)?.ownsAnnotation ? {annotation: 'remove'} : {}
}

/** Ours is kept up; another's that names the primary serves. */
function needsAnnotation(member: MeshMember, all: readonly MeshMember[]): boolean {
  const live = member.facts?.namespace?.metadata.annotations?.[controlPlaneClustersAnnotation]
  return readRemoteRecord(member.facts?.record)?.ownsAnnotation || !isLedBy(live, nameOfPrimary(member, all))
}

/** Ours is kept up; another's way to istiod serves. */
function needsIstiodExposure({facts}: MeshMember): boolean {
  return (facts?.created.some(({kind}) => kind === 'VirtualService') ?? false) || !facts?.primaryRemote?.istiodExposed
}

/** Ours is kept up; without it another's into the network serves. */
function needsGateway(member: MeshMember, all: readonly MeshMember[]): boolean {
  const madeByUs = member.facts?.created.some(({kind}) => kind === 'Service') ?? false
  return madeByUs || foreignGateways(member, all).length === 0
}

/**
 * Of the clusters of this run nobody reads a primary, and in gateways mode nobody any other; those that were joined before
 * may. Else ours is kept up, and another's serves if it has the rights.
 */
function needsReader(spec: Federation, member: MeshMember, all: readonly MeshMember[]): boolean {
  const {facts, primary} = member
  const madeByUs = facts?.created.some(({kind}) => kind === 'ClusterRole') ?? false
  if (spec.mode === 'gateways' || member === primaryAmong(all)) return madeByUs && isReadByOthers(member, all)
  if (!facts) return true
  const mayLead = primary === undefined || facts.primaryRemote?.readerLeads
  return madeByUs || !facts.reader.account || !facts.reader.allowed || !mayLead
}

/** Whether a token of ours is for a cluster that this run does not name. */
function isReadByOthers(member: MeshMember, all: readonly MeshMember[]): boolean {
  const joined = new Set(all.map(({cluster}) => cluster))
  return (member.facts?.created ?? []).some(({metadata}) => {
    const peer = metadata.annotations?.[peerAnnotation]
    return isSharedToken(metadata.name) ? knowsOthers(member, joined) : peer !== undefined && !joined.has(peer)
  })
}

/** Who holds a shared token stands nowhere; those that the cluster knows are taken for those that know it. */
function knowsOthers({facts}: MeshMember, joined: ReadonlySet<string>): boolean {
  return facts !== undefined && credentialsIn(facts).some(({target}) => !joined.has(target))
}

/** Compares a federation with its clusters, side by side. Only reads. */
export async function planFederation(
  spec: Federation,
  all: readonly MeshMember[],
  ca: CaSource,
  run: Run,
): Promise<ClusterPlan[]> {
  const changes = [...(await changesOf(spec, all, ca, false)), ...(await controlPlaneChanges(spec, all, run))]
  const joined = new Set(all.map(({cluster}) => cluster))
  return Promise.all(
    all.map(async member => {
      const own = changes.filter(({cluster}) => cluster === member.cluster)
      const pruned = pruneChanges(member.cluster, member.facts!.created, own, object => isOfOthers(object, member, joined))
      return compare(spec, member, [...own, ...pruned], run)
    }),
  )
}

/**
 * The record says whose the network label and the annotation are, so it is written before them: a run may be killed between
 * the two, and the next one would take ours for another's. A namespace that is not there is made bare, since the record
 * lies in it.
 */
export function recordFirst(plan: ClusterPlan, spec: Federation): ClusterPlan {
  const marks = plan.steps.filter(
    ({change, verdict}) =>
      change.action === 'edit' &&
      change.target.kind === 'Namespace' &&
      (verdict === 'update' || (verdict === 'create' && change.edits.length > 0)),
  )
  const bare = marks.flatMap((step): Step[] => {
    if (step.verdict !== 'create') return []
    const change = {...(step.change as Edit), edits: []}
    return [{...step, change, merged: objectOfEdit(change)}]
  })
  const rest = plan.steps.filter(step => !marks.includes(step))
  const {name} = federationApplySet(spec)
  const record = rest.findIndex(({ref}) => ref.kind === 'ConfigMap' && ref.name === name) + 1
  return {...plan, steps: [...bare, ...rest.slice(0, record), ...marks, ...rest.slice(record)]}
}

/** Compares some changes with one cluster. */
function compare(spec: Federation, member: MeshMember, changes: readonly Change[], run: Run): Promise<ClusterPlan> {
  return inCluster(member.cluster, () =>
    compareCluster(clusterOf(member), member.cluster, changes, {
      manager: run.access.manager,
      force: run.write.force,
      applySet: applySetId(federationApplySet(spec)),
    }),
  )
}

/** Compares clusters with what of some changes is theirs, side by side. */
export function compareAll(
  spec: Federation,
  joinings: readonly MeshMember[],
  changes: readonly Change[],
  run: Run,
): Promise<ClusterPlan[]> {
  return Promise.all(
    joinings.map(member =>
      compare(
        spec,
        member,
        changes.filter(({cluster}) => cluster === member.cluster),
        run,
      ),
    ),
  )
}

/** The connection of a cluster that was read. */
export function clusterOf(member: MeshMember): Cluster {
  return member.facts!.cluster
}

/** Credentials of or for clusters that this run does not name belong to the rest of the mesh. */
function isOfOthers(object: KubernetesObject, member: MeshMember, joined: ReadonlySet<string>): boolean {
  if (isSharedToken(object.metadata.name)) return knowsOthers(member, joined)
  const peer = object.metadata.annotations?.[peerAnnotation]
  if (peer !== undefined) return !joined.has(peer)
  if (object.metadata.labels?.[multiClusterLabel] === undefined) return false
  const target = remoteClusterOf(object)
  return target === undefined || !joined.has(target)
}

/** `--dry-run=client`: the plan as it stands in the Spec, compared with nothing. */
export async function planWithoutClusters(
  spec: Federation,
  all: readonly MeshMember[],
  ca: CaSource,
  run: Run,
): Promise<ClusterPlan[]> {
  const changes = [...(await changesOf(spec, all, ca, false)), ...(await controlPlaneChanges(spec, all, run))]
  return all.map(({cluster}) => planOffline(cluster, changes, federationApplySet(spec)))
}
