import type {Cluster} from '../engine/cluster/cluster.ts'
import {nameOf} from '../engine/kubernetes/object.ts'
import {applyCluster, type Outcome} from '../engine/plan/apply.ts'
import {type ClusterPlan, conflictsOf} from '../engine/plan/plan.ts'
import {type ExitCode, exitCodes, MeshError, messageOf, type Problem} from '../errors.ts'
import type {Run} from './run.ts'

/** Refuses plans that hold a conflict, before anything is written. */
export function refuseConflicts(plans: readonly ClusterPlan[]): void {
  const conflicts = conflictsOf(plans)
  if (conflicts.length > 0) throw new MeshError(conflicts, exitCodes.refused)
}

/** Applies the plans of all clusters side by side; a failure in one does not stop the others. One line a change on stdout. */
export async function applyPlans(
  plans: readonly ClusterPlan[],
  clusters: ReadonlyMap<string, Cluster>,
  run: Run,
): Promise<Outcome[]> {
  const {terminal, write, access, signal} = run
  const onOutcome = (outcome: Outcome) => {
    if (outcome.result === 'ok' && write.output === undefined) terminal.print(lineOf(outcome))
  }
  const all = plans.map(plan =>
    applyCluster(clusters.get(plan.cluster)!, plan, {manager: access.manager, force: write.force, onOutcome, signal}),
  )
  return (await Promise.all(all)).flat()
}

function lineOf({cluster, step}: Outcome): string {
  const done = {apply: 'serverside-applied', edit: 'edited', remove: 'deleted'}[step.change.action]
  return `${nameOf(step.ref)} ${done} (${cluster})`
}

/** What failed: the cluster, and what is told of it. */
export function failuresOf(outcomes: readonly Outcome[]): [string, Problem][] {
  return outcomes
    .filter(({result}) => result === 'failed')
    .map(({cluster, step, error}) => [cluster, {message: `${cluster}: ${nameOf(step.ref)}: ${messageOf(error)}`}])
}

/** The exit code that tells how far it went. */
export function exitOf(outcomes: readonly Outcome[], failed: boolean, run: Run): ExitCode {
  if (run.signal.aborted) return exitCodes.interrupted
  if (!failed) return exitCodes.ok
  return outcomes.some(({result}) => result === 'ok') ? exitCodes.partly : exitCodes.refused
}
