import type {ApplySet} from '../../../engine/kubernetes/applyset.ts'
import {applySetParentRemoval} from '../../../engine/kubernetes/applyset-parent.ts'
import {type Change, removedBy} from '../../../engine/kubernetes/change.ts'
import {controlPlaneClustersAnnotation, networkLabel} from '../../../engine/kubernetes/labels.ts'
import {knownOwnersOf, ownersOf} from '../../../engine/plan/managed.ts'
import {lostMembers, readMembership} from '../../../engine/plan/membership.ts'
import type {ClusterPlan} from '../../../engine/plan/plan.ts'
import {pruneChanges} from '../../../engine/plan/prune.ts'
import {replacedParentRemovals} from '../../../engine/plan/replaced-sets.ts'
import {federationApplySet} from '../../../mesh/applyset.ts'
import {tokenHistoryEdit} from '../../../mesh/credentials/objects-history.ts'
import {kialiAccessSet} from '../../../mesh/kiali/objects.ts'
import {buildKialiCleanup} from '../../../mesh/kiali/objects-cleanup.ts'
import {readConnectedKiali} from '../../../mesh/kiali/read.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {readGatewaysRecord, readRemoteRecord} from '../../../mesh/record.ts'
import {servicesApplySet, withoutExporters} from '../../../mesh/services/objects.ts'
import {buildServiceImports} from '../../../mesh/services/objects-cluster.ts'
import {parseImports} from '../../../mesh/services/parse-import.ts'
import {importEntries} from '../../../mesh/services/read-imports.ts'
import {compareOrExplain} from '../../../run/missing-rights.ts'
import {reportUnrecorded} from '../../../run/report-unrecorded.ts'
import type {Run} from '../../../run/run.ts'
import {contextFlags} from '../../../spec/context-ref.ts'
import {shellWord} from '../../../text/shell-word.ts'
import {removalsFrom} from '../ambient/objects.ts'
import {dnsCleanup} from '../dns.ts'
import {isNetworkLabelOurs} from '../objects.ts'
import {buildLeaverCleanup, buildPeerCleanup} from './objects.ts'
import {recordEdits, removedSecrets} from './objects-record.ts'
import {readControlPlaneSets} from './read.ts'
import type {FederationRemove} from './spec.ts'
import {allRegistrationKeys, foreignRemoteSecrets, type RemovalSubject, registrationKeys} from './subject.ts'

/** The plans of a removal. */
export interface RemovalPlans {
  /** One per cluster that stays. */
  peers: ClusterPlan[]
  /** One per leaving cluster that is reachable. */
  leavers: ClusterPlan[]
  /** Clusters with imported services whose record is missing. */
  lostExports: string[]
}

/** The plan of one cluster. */
interface RemovalPlan extends ClusterPlan {
  /** The record of its imported services is missing. */
  isLost: boolean
}

/** Compares what a removal changes with the live objects of all clusters that are reachable. */
export async function planRemoval(subject: RemovalSubject, run: Run): Promise<RemovalPlans> {
  const {staying, leaving} = subject
  const keys = [...registrationKeys(leaving).keys()]
  const reached = leaving.filter(({error}) => error === undefined)
  const peers = await Promise.all(staying.map(({member}) => planPeer(subject, member, keys, run)))
  const leavers = await Promise.all(reached.map(({member}) => planLeaver(subject, member, run)))
  const lostExports = [...peers, ...leavers].filter(({isLost}) => isLost).map(({cluster}) => cluster)
  return {peers, leavers, lostExports}
}

async function planPeer(
  {spec}: RemovalSubject,
  member: MeshMember,
  leaving: readonly string[],
  run: Run,
): Promise<RemovalPlan> {
  const {cluster, facts} = member
  const peer = {cluster, created: facts!.created, foreignSecrets: foreignRemoteSecrets(member)}
  const cleanup = buildPeerCleanup(peer, leaving)
  const removed = removedSecrets(facts!, leaving)
  const changes = [
    ...tokenHistoryEdit(cluster, facts!, [...removedBy(cleanup), ...removed]),
    ...recordEdits(cluster, facts!, removed),
    ...cleanup,
  ]
  return joinPlans(
    await planImports(spec, member, leaving, run),
    await compare(member, changes, facts!.set, run),
    await planKiali(spec, member, leaving, run),
  )
}

async function planLeaver(subject: RemovalSubject, member: MeshMember, run: Run): Promise<RemovalPlan> {
  const {spec} = subject
  return joinPlans(
    await planImports(spec, member, undefined, run),
    await compare(member, await leaverChanges(subject, member, run), member.facts!.set, run),
    await planKiali(spec, member, 'all', run),
  )
}

async function leaverChanges(subject: RemovalSubject, member: MeshMember, run: Run): Promise<Change[]> {
  const {spec} = subject
  const {cluster, revision} = member
  const {namespace, created, record, replaced} = member.facts!
  const place = {cluster, systemNamespace: spec.systemNamespace, revision}
  const dns = await dnsCleanup(place, member.facts!.dns, readGatewaysRecord(record))
  const leaver = {
    cluster,
    systemNamespace: namespace,
    created,
    foreignSecrets: foreignRemoteSecrets(member),
    ownsNetworkLabel: isNetworkLabelOurs(record) && !isShared(member, 'labels', networkLabel, run),
    ownsAnnotation:
      (readRemoteRecord(record)?.ownsAnnotation ?? false) &&
      !isShared(member, 'annotations', controlPlaneClustersAnnotation, run),
  }
  const cleanup = buildLeaverCleanup(leaver, {
    set: federationApplySet(spec),
    manager: run.access.manager,
    keys: [...allRegistrationKeys(subject).keys()],
  })
  return [
    ...dns,
    ...tokenHistoryEdit(cluster, member.facts!, removedBy(cleanup)),
    ...cleanup,
    ...replacedParentRemovals(cluster, replaced),
    ...removalsFrom(member, [], spec.systemNamespace),
    ...(await remoteChanges(spec, member, run)),
  ]
}

/**
 * Whether another manager, such as a GitOps tool, applies the value that we have set on the system namespace too. It would
 * restore the value, so the value stays and is reported.
 */
function isShared({cluster, facts}: MeshMember, part: 'labels' | 'annotations', key: string, run: Run): boolean {
  const {namespace} = facts!
  if (!namespace) return false
  const path = ['f:metadata', `f:${part}`, `f:${key}`]
  const others = knownOwnersOf(namespace, path).filter(owner => owner !== run.access.manager)
  // A value that only others own has replaced ours: that is a conflict.
  if (others.length === 0 || others.length === ownersOf(namespace, path).length) return false
  run.terminal.message(
    `warning: ${cluster}: ${key} of namespace ${namespace.metadata.name} stays, because ${others.join(', ')} sets it too`,
  )
  return true
}

/** Removes what connects a remote cluster to its primary. Its webhook would reject every pod, because no istiod answers. */
async function remoteChanges(spec: FederationRemove, member: MeshMember, run: Run): Promise<Change[]> {
  const {cluster, context, facts} = member
  if (readRemoteRecord(facts!.record)?.primary === undefined) return []
  const sets = await readControlPlaneSets(facts!.cluster, spec)
  const {trustLabels} = run.write
  const memberships = await Promise.all(sets.map(set => readMembership(facts!.cluster, set, {trustLabels})))
  for (const {set, unrecorded} of memberships) reportUnrecorded(cluster, unrecorded, run, set.contains ?? true)
  const {injector} = facts!.primaryRemote ?? {}
  if (injector && !memberships.some(({owns}) => owns(injector)))
    run.terminal.message([
      `warning: ${cluster}: ${injector.metadata.name} was not created by kubectl-mesh and stays, but no istiod answers it any more: pods with sidecar injection cannot start`,
      `hint:  kubectl ${contextFlags(context)} delete mutatingwebhookconfiguration ${shellWord(injector.metadata.name)}`,
    ])
  return memberships.flatMap(({set, objects}) => [
    ...pruneChanges(cluster, objects, [], () => false).map(removal => ({...removal, memberOf: set})),
    applySetParentRemoval(set, cluster),
  ])
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
): Promise<RemovalPlan> {
  const {cluster, facts} = member
  const membership = await readMembership(facts!.cluster, servicesApplySet(spec), run.write)
  const {objects: members, unrecorded, parent, set, replaced} = membership
  reportUnrecorded(cluster, unrecorded, run, set.contains ?? true)
  const isLost = lostMembers(membership, run.access.manager).length > 0
  if (members.length === 0 && !parent && replaced.length === 0) return {cluster, steps: [], isLost}
  const before = parseImports(importEntries(members, spec))
  const imports = before.imports.map(({imported}) => imported)
  const after = leaving === undefined ? [] : imports.flatMap(imported => withoutExporters(imported, leaving))
  const changes = buildServiceImports(
    {cluster, systemNamespace: spec.systemNamespace, revision: facts!.revision, isTenant: facts!.isTenant},
    {
      after,
      invalid: leaving === undefined ? [] : before.invalid,
      members,
      hasParent: parent !== undefined,
      dns: facts!.dns,
      replaced,
      record: leaving === undefined ? undefined : readGatewaysRecord(facts!.record),
    },
  )
  return {...(await compare(member, changes, set, run)), isLost}
}

/**
 * Plans the end of the access that Kiali has between the clusters.
 *
 * @param leaving clusters that leave; `all` in one of them
 */
async function planKiali(
  spec: FederationRemove,
  member: MeshMember,
  leaving: readonly string[] | 'all',
  run: Run,
): Promise<ClusterPlan> {
  const {cluster, facts} = member
  const {trustLabels} = run.write
  const kiali = await readConnectedKiali(facts!.cluster, spec, {trustLabels})
  if (!kiali) return {cluster, steps: []}
  reportUnrecorded(cluster, kiali.membership.unrecorded, run, true)
  const {systemNamespace} = spec
  const changes = buildKialiCleanup({cluster, systemNamespace}, kiali, leaving)
  return compare(member, changes, kialiAccessSet(spec), run)
}

function compare(
  {cluster, facts}: MeshMember,
  changes: readonly Change[],
  set: ApplySet,
  run: Run,
): Promise<ClusterPlan> {
  return compareOrExplain(facts!.cluster, cluster, changes, {
    manager: run.access.manager,
    force: run.write.force,
    set,
  })
}

function joinPlans(first: RemovalPlan, ...others: readonly ClusterPlan[]): RemovalPlan {
  const all = [first, ...others]
  const namespace = all.find(plan => plan.namespace !== undefined)?.namespace
  return {...first, ...(namespace === undefined ? {} : {namespace}), steps: all.flatMap(({steps}) => steps)}
}
