import {type ApplySet, applySetId, applySetParentRemoval} from '../../../engine/kubernetes/applyset.ts'
import type {Change} from '../../../engine/kubernetes/change.ts'
import {waves} from '../../../engine/kubernetes/waves.ts'
import {compareCluster} from '../../../engine/plan/compare.ts'
import type {ClusterPlan} from '../../../engine/plan/plan.ts'
import {membersOf, pruneChanges} from '../../../engine/plan/prune.ts'
import {federationApplySet} from '../../../mesh/applyset.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {readGatewaysRecord, readRemoteRecord} from '../../../mesh/record.ts'
import {servicesApplySet, withoutExporters} from '../../../mesh/services/objects.ts'
import {buildServiceImports} from '../../../mesh/services/objects-cluster.ts'
import {readServiceImport} from '../../../mesh/services/parse-import.ts'
import type {Run} from '../../../run/run.ts'
import {shellWord} from '../../../text/shell-word.ts'
import {dnsCleanup} from '../dns.ts'
import {isNetworkLabelOurs} from '../objects.ts'
import {controlPlaneApplySet} from '../objects-control-plane.ts'
import {buildLeaverCleanup, buildPeerCleanup, clusterKeys} from './objects.ts'
import type {FederationRemove} from './spec.ts'
import {ownRemoteSecrets, type RemovalSubject} from './subject.ts'

/** The plans of a removal. */
export interface RemovalPlans {
  /** One per cluster that stays. */
  peers: ClusterPlan[]
  /** One per leaving cluster that is reachable. */
  leavers: ClusterPlan[]
}

/** Compares what a removal changes with the live objects of all clusters that are reachable. */
export async function planRemoval(subject: RemovalSubject, run: Run): Promise<RemovalPlans> {
  const {staying, leaving} = subject
  const names = leaving.map(({member}) => member.cluster)
  const reached = leaving.filter(({error}) => error === undefined)
  return {
    peers: await Promise.all(staying.map(({member}) => planPeer(subject, member, names, run))),
    leavers: await Promise.all(reached.map(({member}) => planLeaver(subject, member, names, run))),
  }
}

async function planPeer(
  {spec}: RemovalSubject,
  member: MeshMember,
  leaving: readonly string[],
  run: Run,
): Promise<ClusterPlan> {
  const {cluster, facts} = member
  const peer = {cluster, created: facts!.created, remoteSecrets: ownRemoteSecrets(spec, member)}
  return joinPlans(
    await planImports(spec, member, leaving, run),
    await compare(member, buildPeerCleanup(peer, leaving), federationApplySet(spec), run),
  )
}

async function planLeaver(
  {spec}: RemovalSubject,
  member: MeshMember,
  leaving: readonly string[],
  run: Run,
): Promise<ClusterPlan> {
  return joinPlans(
    await planImports(spec, member, undefined, run),
    await compare(member, await leaverChanges(spec, member, leaving, run), federationApplySet(spec), run),
  )
}

async function leaverChanges(
  spec: FederationRemove,
  member: MeshMember,
  leaving: readonly string[],
  run: Run,
): Promise<Change[]> {
  const {cluster} = member
  const {namespace, created, record, dnsConfig} = member.facts!
  const remoteSecrets = ownRemoteSecrets(spec, member)
  const place = {cluster, systemNamespace: spec.systemNamespace, revision: spec.revision}
  const dns = await dnsCleanup(place, readGatewaysRecord(record))
  const leaver = {
    cluster,
    systemNamespace: namespace,
    remoteSecrets,
    created,
    ownsNetworkLabel: isNetworkLabelOurs(record),
    ownsAnnotation: readRemoteRecord(record)?.ownsAnnotation ?? false,
  }
  return [
    // There is nothing to restore in the configuration of a DNS server that no longer exists.
    ...dns.filter(({wave}) => wave !== waves.exposure || dnsConfig !== undefined),
    ...buildLeaverCleanup(leaver, federationApplySet(spec), [...remoteSecrets.flatMap(clusterKeys), ...leaving]),
    ...(await remoteChanges(spec, member, run)),
  ]
}

/** Removes what connects a remote cluster to its primary. Its webhook would reject every pod, because no istiod answers. */
async function remoteChanges(spec: FederationRemove, member: MeshMember, run: Run): Promise<Change[]> {
  const {cluster, context, facts} = member
  if (readRemoteRecord(facts!.record)?.primary === undefined) return []
  const set = controlPlaneApplySet(spec)
  const members = await membersOf(facts!.cluster, set)
  const {injector} = facts!.primaryRemote ?? {}
  if (injector && !members.some(({metadata}) => metadata.uid === injector.metadata.uid))
    run.terminal.message([
      `warning: ${cluster}: ${injector.metadata.name} was not created by kubectl-mesh and stays, but no istiod answers it any more: pods with sidecar injection cannot start`,
      `hint:  kubectl --context ${shellWord(context)} delete mutatingwebhookconfiguration ${shellWord(injector.metadata.name)}`,
    ])
  return [...pruneChanges(cluster, members, [], () => false), applySetParentRemoval(set, cluster)]
}

/**
 * Gateways mode: plans the removal of imported services.
 *
 * @param leaving clusters whose exports are removed; undefined to remove all imports
 */
async function planImports(
  spec: FederationRemove,
  member: MeshMember,
  leaving: readonly string[] | undefined,
  run: Run,
): Promise<ClusterPlan> {
  const {cluster, facts} = member
  const before = facts!.imports.map(readServiceImport)
  if (before.length === 0) return {cluster, steps: []}
  const after = leaving === undefined ? [] : before.flatMap(imported => withoutExporters(imported, leaving))
  const record = leaving === undefined ? undefined : readGatewaysRecord(facts!.record)
  const {systemNamespace, revision} = spec
  const changes = buildServiceImports({cluster, systemNamespace, revision}, {before, after, hasParent: true, record})
  return compare(member, changes, servicesApplySet(spec), run)
}

function compare(
  {cluster, facts}: MeshMember,
  changes: readonly Change[],
  set: ApplySet,
  run: Run,
): Promise<ClusterPlan> {
  return compareCluster(facts!.cluster, cluster, changes, {
    manager: run.access.manager,
    force: run.write.force,
    applySet: applySetId(set),
  })
}

function joinPlans(first: ClusterPlan, second: ClusterPlan): ClusterPlan {
  return {cluster: first.cluster, steps: [...first.steps, ...second.steps]}
}
