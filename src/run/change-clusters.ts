import type {Cluster} from '../engine/cluster/cluster.ts'
import {type ApplySet, applySetId} from '../engine/kubernetes/applyset.ts'
import type {Change} from '../engine/kubernetes/change.ts'
import type {KubernetesObject} from '../engine/kubernetes/object.ts'
import type {Outcome} from '../engine/plan/apply.ts'
import {compareCluster} from '../engine/plan/compare.ts'
import {type ClusterPlan, hasDifferences} from '../engine/plan/plan.ts'
import {type ExitCode, MeshError} from '../errors.ts'
import {applyPlans, exitOf, failuresOf, refuseConflicts} from './apply-plan.ts'
import {confirmByName, confirmChange} from './confirm.ts'
import {printPlan, showBeforeApply} from './print-plan.ts'
import type {Run} from './run.ts'

/** What a command wants to be true in one cluster. */
export interface ClusterChange {
  cluster: Cluster
  /** Name of the cluster, as it is printed. */
  name: string
  changes: readonly Change[]
  /** The set that new objects become members of. */
  set: ApplySet
  /** What was read just before and need not be read again. */
  known?: readonly KubernetesObject[]
}

/** How the yes is asked for: a question, or for what can't be undone a name to type. */
export interface Confirmation {
  question: string
  /** To be typed. */
  typed?: string
}

/** What came of it. `outcomes` is undefined for a dry run: the plan was printed, and there is nothing to report. */
export interface Changed {
  exit: ExitCode
  plans: ClusterPlan[]
  outcomes: Outcome[] | undefined
}

/**
 * The way of most commands that write: compare, print for a dry run; else refuse conflicts, show the difference, ask,
 * apply to all clusters side by side. Prune by adding `pruneChanges` to the wish.
 *
 * `report` is called after the writes, also when some failed; the failures are thrown after it (exit 3 or 4).
 */
export async function changeClusters(
  wishes: readonly ClusterChange[],
  consent: Confirmation,
  run: Run,
  report: (outcomes: readonly Outcome[]) => Promise<void> | void,
): Promise<Changed> {
  const plans = await Promise.all(wishes.map(wish => compareWish(wish, run)))
  if (run.write.dryRun === 'server') return {exit: await printPlan(plans, run), plans, outcomes: undefined}
  refuseConflicts(plans)
  if (hasDifferences(plans)) {
    await showBeforeApply(plans, run)
    if (consent.typed === undefined) await confirmChange(consent.question, run)
    else await confirmByName(consent.question, consent.typed, run)
  }
  const outcomes = await applyPlans(plans, new Map(wishes.map(({name, cluster}) => [name, cluster])), run)
  await report(outcomes)
  const failures = failuresOf(outcomes).map(([, problem]) => problem)
  const exit = exitOf(outcomes, failures.length > 0, run)
  if (failures.length > 0) throw new MeshError(failures, exit)
  return {exit, plans, outcomes}
}

function compareWish({cluster, name, changes, set, known = []}: ClusterChange, run: Run): Promise<ClusterPlan> {
  return compareCluster(cluster, name, changes, {
    manager: run.access.manager,
    force: run.write.force,
    applySet: applySetId(set),
    known,
  })
}
