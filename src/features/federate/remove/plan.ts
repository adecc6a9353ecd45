import type {ApplySet} from '../../../engine/kubernetes/applyset.ts'
import {applySetParentRemoval} from '../../../engine/kubernetes/applyset-parent.ts'
import type {Change} from '../../../engine/kubernetes/change.ts'
import {waves} from '../../../engine/kubernetes/waves.ts'
import {compareCluster} from '../../../engine/plan/compare.ts'
import {readMembership} from '../../../engine/plan/membership.ts'
import type {ClusterPlan} from '../../../engine/plan/plan.ts'
import {pruneChanges} from '../../../engine/plan/prune.ts'
import {federationApplySet} from '../../../mesh/applyset.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {readGatewaysRecord, readRemoteRecord} from '../../../mesh/record.ts'
import {servicesApplySet, withoutExporters} from '../../../mesh/services/objects.ts'
import {buildServiceImports} from '../../../mesh/services/objects-cluster.ts'
import {parseImports} from '../../../mesh/services/parse-import.ts'
import {importEntries} from '../../../mesh/services/read-imports.ts'
import {reportUnrecorded} from '../../../run/report-unrecorded.ts'
import type {Run} from '../../../run/run.ts'
import {shellWord} from '../../../text/shell-word.ts'
import {dnsCleanup} from '../dns.ts'
import {isNetworkLabelOurs} from '../objects.ts'
import {controlPlaneApplySet} from '../objects-control-plane.ts'
import {buildLeaverCleanup, buildPeerCleanup} from './objects.ts'
import type {FederationRemove} from './spec.ts'
import {clusterNames, foreignRemoteSecrets, type RemovalSubject} from './subject.ts'

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
    leavers: await Promise.all(reached.map(({member}) => planLeaver(subject, member, run))),
  }
}

async function planPeer(
  {spec}: RemovalSubject,
  member: MeshMember,
  leaving: readonly string[],
  run: Run,
): Promise<ClusterPlan> {
  const {cluster, facts} = member
  const peer = {cluster, created: facts!.created, foreignSecrets: foreignRemoteSecrets(spec, member)}
  return joinPlans(
    await planImports(spec, member, leaving, run),
    await compare(member, buildPeerCleanup(peer, leaving), federationApplySet(spec), run),
  )
}

async function planLeaver(subject: RemovalSubject, member: MeshMember, run: Run): Promise<ClusterPlan> {
  const {spec} = subject
  return joinPlans(
    await planImports(spec, member, undefined, run),
    await compare(member, await leaverChanges(subject, member, run), federationApplySet(spec), run),
  )
}

async function leaverChanges(subject: RemovalSubject, member: MeshMember, run: Run): Promise<Change[]> {
  const {spec} = subject
  const {cluster} = member
  const {namespace, created, record, dnsConfig} = member.facts!
  const place = {cluster, systemNamespace: spec.systemNamespace, revision: spec.revision}
  const dns = await dnsCleanup(place, readGatewaysRecord(record))
  const leaver = {
    cluster,
    systemNamespace: namespace,
    created,
    foreignSecrets: foreignRemoteSecrets(spec, member),
    ownsNetworkLabel: isNetworkLabelOurs(record),
    ownsAnnotation: readRemoteRecord(record)?.ownsAnnotation ?? false,
  }
  return [
    // There is nothing to restore in the configuration of a DNS server that no longer exists.
    ...dns.filter(({wave}) => wave !== waves.exposure || dnsConfig !== undefined),
    ...buildLeaverCleanup(leaver, {
      set: federationApplySet(spec),
      manager: run.access.manager,
      names: [...clusterNames(subject)],
    }),
    ...(await remoteChanges(spec, member, run)),
  ]
}

/** Removes what connects a remote cluster to its primary. Its webhook would reject every pod, because no istiod answers. */
async function remoteChanges(spec: FederationRemove, member: MeshMember, run: Run): Promise<Change[]> {
  const {cluster, context, facts} = member
  if (readRemoteRecord(facts!.record)?.primary === undefined) return []
  const set = controlPlaneApplySet(spec)
  const {objects, unrecorded, owns} = await readMembership(facts!.cluster, set, {trustLabels: run.write.trustLabels})
  reportUnrecorded(cluster, unrecorded, run, true)
  const {injector} = facts!.primaryRemote ?? {}
  if (injector && !owns(injector))
    run.terminal.message([
      `warning: ${cluster}: ${injector.metadata.name} was not created by kubectl-mesh and stays, but no istiod answers it any more: pods with sidecar injection cannot start`,
      `hint:  kubectl --context ${shellWord(context)} delete mutatingwebhookconfiguration ${shellWord(injector.metadata.name)}`,
    ])
  const removals = pruneChanges(cluster, objects, [], () => false).map(removal => ({...removal, memberOf: set}))
  return [...removals, applySetParentRemoval(set, cluster)]
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
  const set = servicesApplySet(spec)
  const {objects: members, unrecorded, parent} = await readMembership(facts!.cluster, set, run.write)
  reportUnrecorded(cluster, unrecorded, run, true)
  if (members.length === 0 && !parent) return {cluster, steps: []}
  const before = parseImports(importEntries(members, spec))
  const imports = before.imports.map(({imported}) => imported)
  const after = leaving === undefined ? [] : imports.flatMap(imported => withoutExporters(imported, leaving))
  const changes = buildServiceImports(
    {cluster, systemNamespace: spec.systemNamespace, revision: spec.revision},
    {
      after,
      invalid: leaving === undefined ? [] : before.invalid,
      members,
      hasParent: parent !== undefined,
      record: leaving === undefined ? undefined : readGatewaysRecord(facts!.record),
    },
  )
  return compare(member, changes, set, run)
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
    set,
  })
}

function joinPlans(first: ClusterPlan, second: ClusterPlan): ClusterPlan {
  return {cluster: first.cluster, steps: [...first.steps, ...second.steps]}
}
