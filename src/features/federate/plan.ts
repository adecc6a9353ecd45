import type {Cluster} from '../../engine/cluster/cluster.ts'
import {inCluster} from '../../engine/kubeconfig/in-cluster.ts'
import {type Change, type Edit, removedBy} from '../../engine/kubernetes/change.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {objectOfEdit} from '../../engine/plan/edit.ts'
import {planOffline} from '../../engine/plan/offline.ts'
import type {ClusterPlan, Step} from '../../engine/plan/plan.ts'
import {pruneChanges} from '../../engine/plan/prune.ts'
import {replacedParentRemovals} from '../../engine/plan/replaced-sets.ts'
import {federationApplySet} from '../../mesh/applyset.ts'
import {tokenHistoryEdit} from '../../mesh/credentials/objects-history.ts'
import type {MeshMember} from '../../mesh/members.ts'
import {resolveCredentials} from '../../mesh/read-credentials.ts'
import {compareOrExplain} from '../../run/missing-rights.ts'
import type {Run} from '../../run/run.ts'
import {ambientChanges} from './ambient/objects.ts'
import type {CaSource} from './ca-source.ts'
import {controlPlaneChanges} from './control-planes.ts'
import {dnsChangesOf} from './dns.ts'
import {buildFederation, type FederationFrame} from './objects.ts'
import {federationMembers} from './objects-members.ts'
import {belongsToOutside} from './objects-outside.ts'
import {renderedIn, withRenderedReaders} from './objects-reader-rights.ts'
import {rotatedObjects} from './rotate/objects-kept.ts'
import type {Federation} from './spec.ts'

/**
 * Returns all changes of a federation, except those of control planes.
 *
 * @param mint request short-lived tokens where they are missing or expire soon
 * @throws InClusterError (exit 3)
 */
export async function changesOf(
  spec: Federation,
  all: readonly MeshMember[],
  ca: CaSource,
  mint: boolean,
): Promise<Change[]> {
  // In gateways mode no cluster holds a credential, and those of earlier runs are removed.
  const credentials = spec.mode === 'gateways' ? undefined : await resolveCredentials(spec, all, new Date(), mint)
  const {folder: root} = ca.roots
  const folder = root === undefined ? undefined : {root, intermediates: ca.intermediates}
  const members = federationMembers({spec, ca: folder, credentials}, all)
  const dns = await Promise.all(all.map(member => dnsChangesOf(spec, member)))
  return [...buildFederation(frameOf(spec), members), ...dns.flat()]
}

function frameOf(spec: Federation): FederationFrame {
  const {systemNamespace, revision, clusterDomain, expose, singleNetwork, credentials} = spec
  return {
    systemNamespace,
    revision,
    clusterDomain,
    expose,
    singleNetwork,
    credentials,
    shortLived: spec.credentialDuration !== undefined,
    dataPlane: spec.dataPlane,
  }
}

/**
 * Compares a federation with its clusters, in parallel. Only reads.
 *
 * @throws MeshError (exit 2 or 3) if a cluster cannot be read or a control plane cannot be rendered
 */
export async function planFederation(
  spec: Federation,
  all: readonly MeshMember[],
  ca: CaSource,
  run: Run,
): Promise<ClusterPlan[]> {
  const changes = await allChanges(spec, all, ca, run)
  const byCluster = Map.groupBy(changes, ({cluster}) => cluster)
  const names = new Set(all.map(({cluster}) => cluster))
  return Promise.all(
    all.map(member => {
      const own = byCluster.get(member.cluster) ?? []
      const isRotating = rotatedObjects(member, all)
      const keeps = (object: KubernetesObject) => belongsToOutside(object, member, names) || isRotating(object)
      const {created, unrecorded} = member.facts!
      const listed = created.filter(object => !unrecorded.includes(object))
      const pruned = pruneChanges(member.cluster, listed, own, keeps)
      const replaced = replacedParentRemovals(member.cluster, member.facts!.replaced)
      const history = tokenHistoryEdit(member.cluster, member.facts!, removedBy(pruned))
      return compare(member, [...own, ...history, ...pruned, ...replaced, ...ambientChanges(spec, member)], run)
    }),
  )
}

/** Returns the plan for `--dry-run=client`, which is compared with nothing. */
export async function planWithoutClusters(
  spec: Federation,
  all: readonly MeshMember[],
  ca: CaSource,
  run: Run,
): Promise<ClusterPlan[]> {
  const ambient = all.flatMap(member => ambientChanges(spec, member))
  const changes = [...(await allChanges(spec, all, ca, run)), ...ambient]
  return all.map(({cluster}) => planOffline(cluster, changes, federationApplySet(spec)))
}

async function allChanges(spec: Federation, all: readonly MeshMember[], ca: CaSource, run: Run): Promise<Change[]> {
  const controlPlanes = await controlPlaneChanges(spec, all, run)
  const rendered = Map.groupBy(controlPlanes, ({cluster}) => cluster)
  const members = withRenderedReaders(all, new Map([...rendered].map(([name, own]) => [name, renderedIn(own)])))
  return [...(await changesOf(spec, members, ca, false)), ...controlPlanes]
}

/**
 * Compares changes with the clusters to which they belong, in parallel.
 *
 * @throws InClusterError (exit 3)
 */
export function compareAll(
  members: readonly MeshMember[],
  changes: readonly Change[],
  run: Run,
): Promise<ClusterPlan[]> {
  const byCluster = Map.groupBy(changes, ({cluster}) => cluster)
  return Promise.all(
    members.map(member => {
      const own = byCluster.get(member.cluster) ?? []
      const {record, replaced} = member.facts!
      // Its list of members decides which labels objects get.
      return compare(member, own, run, replaced.length === 0 && record ? [record] : [])
    }),
  )
}

function compare(
  member: MeshMember,
  changes: readonly Change[],
  run: Run,
  known: readonly KubernetesObject[] = [],
): Promise<ClusterPlan> {
  return inCluster(member.cluster, () =>
    compareOrExplain(clusterOf(member), member.cluster, changes, {
      manager: run.access.manager,
      force: run.write.force,
      set: member.facts!.set,
      snapshot: member.facts!.snapshot,
      known,
      documentSet: run.documentSet,
    }),
  )
}

/** Returns the connection of a cluster that was read. */
export function clusterOf(member: MeshMember): Cluster {
  return member.facts!.cluster
}

/**
 * Returns the plan with the record before the labels and annotations that it describes. If a run is killed between the two,
 * the next run would otherwise not know that they are ours.
 *
 * A missing namespace is first created without them, because the record is stored in it.
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
