import type {Cluster} from '../engine/cluster/cluster.ts'
import type {ApplySet} from '../engine/kubernetes/applyset.ts'
import type {Change} from '../engine/kubernetes/change.ts'
import type {KubernetesObject} from '../engine/kubernetes/object.ts'
import type {Outcome} from '../engine/plan/apply.ts'
import {type ClusterPlan, hasDifferences, relabelledWarnings} from '../engine/plan/plan.ts'
import {type ExitCode, MeshError} from '../errors.ts'
import {afterWrites, applyPlans, exitOf, failuresOf, problemsAfter, refuseConflicts, withResume} from './apply-plan.ts'
import {confirmManaged} from './confirm-managed.ts'
import {compareOrExplain} from './missing-rights.ts'
import {printPlan, printRemoved} from './print-plan.ts'
import {type Confirmation, confirmPlans} from './review/review.ts'
import type {Run} from './run.ts'

/** What a command changes in one cluster. */
export interface ClusterChange {
  cluster: Cluster
  /** Name of the cluster in output. */
  name: string
  changes: readonly Change[]
  /** The ApplySet that new objects become members of. */
  set: ApplySet
  /** Live objects that were just read, so that they are not read again. */
  known?: readonly KubernetesObject[]
}

/** The result. `outcomes` is undefined for a dry run, which prints the plan and has nothing to report. */
export interface Changed {
  exit: ExitCode
  plans: ClusterPlan[]
  outcomes: Outcome[] | undefined
}

/**
 * Runs the steps of most commands that write. Compares, and prints the plan for a dry run. Otherwise refuses conflicts,
 * shows the difference, asks for confirmation and applies to all clusters in parallel. To prune, add `pruneChanges` to
 * the changes.
 *
 * @param report called after the writes, even if some failed
 * @throws MeshError for conflicts and for writes that failed, after `report` (exit 3 or 4), and for an error of `report`
 *   (exit 4 if something was written)
 */
export async function changeClusters(
  changes: readonly ClusterChange[],
  confirmation: Confirmation,
  run: Run,
  report: (outcomes: readonly Outcome[]) => Promise<void> | void,
): Promise<Changed> {
  const plans = await Promise.all(changes.map(change => compareChange(change, run)))
  if (run.write.dryRun !== 'server') refuseConflicts(plans)
  run.terminal.message(relabelledWarnings(plans))
  await confirmManaged(plans, run)
  if (run.write.dryRun === 'server') return {exit: await printPlan(plans, run), plans, outcomes: undefined}
  if (hasDifferences(plans)) await confirmPlans(plans, confirmation, run)
  const outcomes = await applyPlans(plans, new Map(changes.map(({name, cluster}) => [name, cluster])), run)
  const reportAll = async () => {
    // Only removals are confirmed by a name. They have no other report for programs.
    if (confirmation.typed !== undefined) printRemoved(outcomes, run)
    await report(outcomes)
  }
  await afterWrites(outcomes, run, reportAll, confirmation.resume)
  const failed = failuresOf(outcomes).map(([, problem]) => problem)
  const failures = problemsAfter(failed, run)
  const exit = exitOf(outcomes, failures.length > 0, run)
  if (failures.length > 0) throw new MeshError(withResume(failures, confirmation.resume), exit)
  return {exit, plans, outcomes}
}

function compareChange({cluster, name, changes, set, known = []}: ClusterChange, run: Run): Promise<ClusterPlan> {
  const {access, write, documentSet} = run
  const options = {manager: access.manager, force: write.force, set, known, documentSet}
  return compareOrExplain(cluster, name, changes, options)
}
