import type {Cluster} from '../../engine/cluster/cluster.ts'
import {nameOf, refKey} from '../../engine/kubernetes/object.ts'
import {type Outcome, refuseSteps} from '../../engine/plan/apply.ts'
import {differs} from '../../engine/plan/differs.ts'
import {readLive} from '../../engine/plan/live.ts'
import {type ClusterPlan, hasDifferences, type Step} from '../../engine/plan/plan.ts'
import {exitCodes, MeshError, type Problem} from '../../errors.ts'
import type {Run} from '../run.ts'
import type {Leases} from './leases.ts'
import type {WrittenPlane} from './plane.ts'

/** Applies the plan of one cluster, with `beforeGroup` of `applyCluster`. */
export type ApplyOne = (
  plan: ClusterPlan,
  beforeGroup: (outcomes: readonly Outcome[]) => Promise<void>,
) => Promise<Outcome[]>

/**
 * Applies plans while this run holds the leases of the control planes that they change.
 *
 * @throws MeshError (exit 3) if another run holds a lease and this run has not written anything. Later, the steps of the
 *   cluster fail instead
 */
export async function applyLeased(
  plans: readonly ClusterPlan[],
  clusters: ReadonlyMap<string, Cluster>,
  run: Run,
  apply: ApplyOne,
): Promise<Outcome[]> {
  const {leases} = run
  if (!leases) return (await Promise.all(plans.map(plan => apply(plan, async () => undefined)))).flat()
  const held = await leasePlans(plans, clusters, run)
  const applied = plans.map(async plan => {
    const problem = held.get(plan.cluster)
    const plane = planeOf(plan, clusters)
    if (!problem) return apply(plan, async outcomes => (plane ? requireLease(plane, outcomes, leases) : undefined))
    const notTried = plan.steps.map((step): Outcome => ({cluster: plan.cluster, step, result: 'not tried'}))
    return refuseSteps(notTried, new MeshError(problem, exitCodes.refused))
  })
  return (await Promise.all(applied)).flat()
}

/**
 * Takes the lease after the run has created the namespace in which it is.
 *
 * @throws MeshError if another run holds the lease, Error if another run has taken it over
 */
async function requireLease(plane: WrittenPlane, outcomes: readonly Outcome[], leases: Leases): Promise<void> {
  const isOwn = ({ref, verdict}: Step) =>
    ref.kind === 'Namespace' && ref.name === plane.namespace && verdict === 'create'
  if (outcomes.some(({step}) => isOwn(step))) {
    const {held} = await leases.take([plane], false)
    if (held.size > 0) throw new MeshError([...held.values()], exitCodes.refused)
  }
  leases.lost(plane)?.throwIfAborted()
}

/**
 * Takes the leases of all clusters of a run that writes to them in turn.
 *
 * @throws MeshError (exit 3) if another run holds one of them, or has held it just before: what was read may have changed
 */
export async function holdLeases(planes: readonly WrittenPlane[], {leases}: Run): Promise<void> {
  if (!leases) return
  const {held, waitedFor} = await leases.take(planes, true)
  if (held.size > 0) throw new MeshError([...held.values()], exitCodes.refused)
  leases.begin()
  if (waitedFor.length > 0) throw changedError(waitedFor.map(name => `${name}: another run has written meanwhile`))
}

/**
 * Takes the leases of the control planes that plans change. `applyPlans` does so itself; a command with several stages calls this
 * before the first one.
 *
 * @returns the clusters in which another run holds one, if this run has written already
 * @throws MeshError (exit 3) if this run has written nothing
 */
export async function leasePlans(
  plans: readonly ClusterPlan[],
  clusters: ReadonlyMap<string, Cluster>,
  {leases}: Run,
): Promise<Map<string, Problem>> {
  if (!leases) return new Map()
  const writing = plans.filter(plan => hasDifferences([plan]))
  const planes = writing.flatMap(plan => planeOf(plan, clusters) ?? [])
  const isFirst = !leases.hasBegun
  const {held, waitedFor} = await leases.take(planes, isFirst)
  if (isFirst && held.size > 0) throw new MeshError([...held.values()], exitCodes.refused)
  if (isFirst && waitedFor.length > 0) {
    const stale = writing.filter(({cluster}) => waitedFor.includes(cluster))
    const changed = await Promise.all(stale.map(plan => changedSince(plan, clusters.get(plan.cluster)!)))
    if (changed.flat().length > 0) throw changedError(changed.flat())
  }
  leases.begin()
  return held
}

/** Returns what has changed since the plan was made. */
async function changedSince({cluster: name, steps}: ClusterPlan, cluster: Cluster): Promise<string[]> {
  const live = await readLive(
    cluster,
    steps.map(({ref}) => ref),
  )
  return steps
    .filter(step => {
      const now = live.get(refKey(step.ref))
      return step.live && now ? differs(step.live, now) : (step.live === undefined) !== (now === undefined)
    })
    .map(({ref}) => `${name}: another run has changed ${nameOf(ref)} meanwhile`)
}

function changedError(messages: readonly string[]): MeshError {
  const problems = messages.map((message): Problem => ({message}))
  const hints = ['nothing was written; run the command again to see the difference to the present state']
  return new MeshError([...problems.slice(0, -1), {...problems.at(-1)!, hints}], exitCodes.refused)
}

function planeOf(
  {cluster: name, namespace}: ClusterPlan,
  clusters: ReadonlyMap<string, Cluster>,
): WrittenPlane | undefined {
  return namespace === undefined ? undefined : {name, cluster: clusters.get(name)!, namespace}
}
