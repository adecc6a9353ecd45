import {rootOf} from '../../checks/roots.ts'
import type {Cluster} from '../../cluster/cluster.ts'
import {inCluster} from '../../cluster/in-cluster.ts'
import {resolveCredentials} from '../../facts/credentials.ts'
import {credentialsIn, type Joining, remoteClusterOf} from '../../facts/members.ts'
import {foreignGateways, nameOfPrimary, primaryAmong} from '../../facts/primary-remote.ts'
import {isLedBy} from '../../istio/remote.ts'
import {applySetId} from '../../manifests/applyset.ts'
import type {Change, Edit} from '../../manifests/change.ts'
import {
  buildFederation,
  type FederationFrame,
  federationApplySet,
  type Member,
  saysOwnLabel,
} from '../../manifests/federation.ts'
import {gatewaysRecordData, readRemoteRecord, remoteRecordData} from '../../manifests/federation-record.ts'
import {
  controlPlaneClustersAnnotation,
  multiClusterLabel,
  networkLabel,
  peerAnnotation,
} from '../../manifests/labels.ts'
import {isSharedToken, names} from '../../manifests/names.ts'
import type {KubernetesObject} from '../../manifests/object.ts'
import {sameRoot} from '../../pki/read.ts'
import {compareCluster} from '../../plan/compare.ts'
import {objectOfEdit} from '../../plan/edit.ts'
import {planOffline} from '../../plan/offline.ts'
import type {ClusterPlan, Step} from '../../plan/plan.ts'
import {pruneChanges} from '../../plan/prune.ts'
import type {Federation} from '../../specs/federation.ts'
import type {Run} from '../run.ts'
import type {CaSource} from './ca-source.ts'
import {controlPlaneChanges} from './control-planes.ts'
import {dnsChangesOf, gatewaysRecordOf} from './dns.ts'

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
  all: readonly Joining[],
  ca: CaSource,
  mint: boolean,
): Promise<Change[]> {
  // in gateways mode nobody holds a credential, and what was made for one goes
  const credentials = spec.mode === 'gateways' ? undefined : await resolveCredentials(spec, all, new Date(), mint)
  const members = all.map((joining): Member => {
    const record = recordOf(spec, joining, all)
    const primary = primaryAmong(all)
    return {
      cluster: joining.cluster,
      network: joining.network,
      ownsNetworkLabel: ownsNetworkLabel(joining, spec),
      dropsNetworkLabel: spec.singleNetwork && saysOwnLabel(joining.facts?.record),
      ca: joining.primary === undefined ? caOf(joining, ca) : undefined,
      makeGateway: needsGateway(joining, all),
      gatewaySelector: gatewaySelectorOf(joining),
      makeReader: needsReader(spec, joining, all),
      ...(joining.primary === undefined ? {} : {primary: nameOfPrimary(joining, all)}),
      ...annotationOf(joining, all),
      isPrimary: joining === primary,
      exposesIstiod: joining === primary && needsIstiodExposure(joining),
      ...(credentials?.get(joining.cluster) ?? {holds: [], keepsInBundle: []}),
      ...(record ? {record} : {}),
    }
  })
  const dns = await Promise.all(all.map(joining => dnsChangesOf(spec, joining)))
  return [...buildFederation(frameOf(spec), members), ...dns.flat()]
}

/** `cacerts` that is there is never replaced: it has the root we want (or the preflight refused). */
function caOf(joining: Joining, ca: CaSource): Member['ca'] {
  if (ca.roots.folder === undefined) return undefined
  const root = rootOf(joining)
  if (root?.pluggedIn && sameRoot(root.pem, ca.roots.folder)) return undefined
  return ca.intermediates.get(joining.cluster) ?? 'issued during apply'
}

/** A label that was not there before us is ours to take away again. */
function ownsNetworkLabel({facts}: Joining, spec: Federation): boolean {
  if (spec.singleNetwork) return false
  return saysOwnLabel(facts?.record) || facts?.namespace?.metadata.labels?.[networkLabel] === undefined
}

/** A Deployment's selector can't be changed. */
function gatewaySelectorOf({facts}: Joining): Record<string, string> | undefined {
  const deployment = facts?.made.find(({kind, metadata}) => kind === 'Deployment' && metadata.name === names.gateway)
  return (deployment?.spec as {selector?: {matchLabels?: Record<string, string>}} | undefined)?.selector?.matchLabels
}

/** Beside cluster, network and whose label it is: what the mode has to remember of a cluster. */
function recordOf(spec: Federation, joining: Joining, all: readonly Joining[]): Record<string, string> | undefined {
  const gateways = gatewaysRecordOf(spec, joining)
  if (gateways) return gatewaysRecordData(gateways)
  if (spec.mode !== 'primary-remote') return undefined
  const isRemote = joining.primary !== undefined
  return remoteRecordData({
    primary: isRemote ? nameOfPrimary(joining, all) : undefined,
    ownsAnnotation: isRemote && needsAnnotation(joining, all),
    pilotAddress: spec.remotePilotAddress,
    singleNetwork: spec.singleNetwork,
  })
}

/** A remote's is set where it is missing; one that we set in what is no remote any more goes. */
function annotationOf(joining: Joining, all: readonly Joining[]): Pick<Member, 'annotation'> {
  if (joining.primary !== undefined) return needsAnnotation(joining, all) ? {annotation: 'set'} : {}
  return readRemoteRecord(joining.facts?.record)?.ownsAnnotation ? {annotation: 'remove'} : {}
}

/** Ours is kept up; another's that names the primary serves. */
function needsAnnotation(joining: Joining, all: readonly Joining[]): boolean {
  const live = joining.facts?.namespace?.metadata.annotations?.[controlPlaneClustersAnnotation]
  return readRemoteRecord(joining.facts?.record)?.ownsAnnotation || !isLedBy(live, nameOfPrimary(joining, all))
}

/** Ours is kept up; another's way to istiod serves. */
function needsIstiodExposure({facts}: Joining): boolean {
  return (facts?.made.some(({kind}) => kind === 'VirtualService') ?? false) || !facts?.primaryRemote?.istiodExposed
}

/** Ours is kept up; without it another's into the network serves. */
function needsGateway(joining: Joining, all: readonly Joining[]): boolean {
  const madeByUs = joining.facts?.made.some(({kind}) => kind === 'Service') ?? false
  return madeByUs || foreignGateways(joining, all).length === 0
}

/**
 * Of the clusters of this run nobody reads a primary, and in gateways mode nobody any other; those that were joined before
 * may. Else ours is kept up, and another's serves if it has the rights.
 */
function needsReader(spec: Federation, joining: Joining, all: readonly Joining[]): boolean {
  const {facts, primary} = joining
  const madeByUs = facts?.made.some(({kind}) => kind === 'ClusterRole') ?? false
  if (spec.mode === 'gateways' || joining === primaryAmong(all)) return madeByUs && isReadByOthers(joining, all)
  if (!facts) return true
  const mayLead = primary === undefined || facts.primaryRemote?.readerLeads
  return madeByUs || !facts.reader.account || !facts.reader.allowed || !mayLead
}

/** Whether a token of ours is for a cluster that this run does not name. */
function isReadByOthers(joining: Joining, all: readonly Joining[]): boolean {
  const joined = new Set(all.map(({cluster}) => cluster))
  return (joining.facts?.made ?? []).some(({metadata}) => {
    const peer = metadata.annotations?.[peerAnnotation]
    return isSharedToken(metadata.name) ? knowsOthers(joining, joined) : peer !== undefined && !joined.has(peer)
  })
}

/** Who holds a shared token stands nowhere; those that the cluster knows are taken for those that know it. */
function knowsOthers({facts}: Joining, joined: ReadonlySet<string>): boolean {
  return facts !== undefined && credentialsIn(facts).some(({target}) => !joined.has(target))
}

/** Compares a federation with its clusters, side by side. Only reads. */
export async function planFederation(
  spec: Federation,
  all: readonly Joining[],
  ca: CaSource,
  run: Run,
): Promise<ClusterPlan[]> {
  const changes = [...(await changesOf(spec, all, ca, false)), ...(await controlPlaneChanges(spec, all, run))]
  const joined = new Set(all.map(({cluster}) => cluster))
  return Promise.all(
    all.map(async joining => {
      const own = changes.filter(({cluster}) => cluster === joining.cluster)
      const pruned = pruneChanges(joining.cluster, joining.facts!.made, own, object =>
        isOfOthers(object, joining, joined),
      )
      return compare(spec, joining, [...own, ...pruned], run)
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
function compare(spec: Federation, joining: Joining, changes: readonly Change[], run: Run): Promise<ClusterPlan> {
  return inCluster(joining.cluster, () =>
    compareCluster(clusterOf(joining), joining.cluster, changes, {
      manager: run.access.manager,
      force: run.write.force,
      applySet: applySetId(federationApplySet(spec)),
    }),
  )
}

/** Compares clusters with what of some changes is theirs, side by side. */
export function compareAll(
  spec: Federation,
  joinings: readonly Joining[],
  changes: readonly Change[],
  run: Run,
): Promise<ClusterPlan[]> {
  return Promise.all(
    joinings.map(joining =>
      compare(
        spec,
        joining,
        changes.filter(({cluster}) => cluster === joining.cluster),
        run,
      ),
    ),
  )
}

/** The connection of a cluster that was read. */
export function clusterOf(joining: Joining): Cluster {
  return joining.facts!.cluster
}

/** Credentials of or for clusters that this run does not name belong to the rest of the mesh. */
function isOfOthers(object: KubernetesObject, joining: Joining, joined: ReadonlySet<string>): boolean {
  if (isSharedToken(object.metadata.name)) return knowsOthers(joining, joined)
  const peer = object.metadata.annotations?.[peerAnnotation]
  if (peer !== undefined) return !joined.has(peer)
  if (object.metadata.labels?.[multiClusterLabel] === undefined) return false
  const target = remoteClusterOf(object)
  return target === undefined || !joined.has(target)
}

/** `--dry-run=client`: the plan as it stands in the Spec, compared with nothing. */
export async function planWithoutClusters(
  spec: Federation,
  all: readonly Joining[],
  ca: CaSource,
  run: Run,
): Promise<ClusterPlan[]> {
  const changes = [...(await changesOf(spec, all, ca, false)), ...(await controlPlaneChanges(spec, all, run))]
  return all.map(({cluster}) => planOffline(cluster, changes, federationApplySet(spec)))
}
