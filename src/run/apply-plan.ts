import type {Cluster} from '../engine/cluster/cluster.ts'
import {nameOf} from '../engine/kubernetes/object.ts'
import {applyCluster, type Outcome} from '../engine/plan/apply.ts'
import {type ClusterPlan, conflictsOf} from '../engine/plan/plan.ts'
import {type ExitCode, exitCodes, MeshError, messageOf, type Problem} from '../errors.ts'
import {failureOf} from '../terminal/failure.ts'
import {outputFailure} from '../terminal/output/whole-output.ts'
import {applyLeased} from './lease/leased.ts'
import type {Run} from './run.ts'

/**
 * Refuses plans that contain a conflict, before anything is written.
 *
 * @throws MeshError (exit 3) that lists every conflict
 */
export function refuseConflicts(plans: readonly ClusterPlan[]): void {
  const conflicts = conflictsOf(plans)
  if (conflicts.length > 0) throw new MeshError(conflicts, exitCodes.refused)
}

/**
 * Applies the plans of all clusters in parallel, while the run holds their leases. A failure in one cluster does not stop the
 * others. Prints one line per change to stdout, unless `-o` selects another format.
 *
 * @param clusters connections by the cluster names of the plans
 * @throws MeshError (exit 3) before the first write of the run if another run writes to one of the clusters
 */
export async function applyPlans(
  plans: readonly ClusterPlan[],
  clusters: ReadonlyMap<string, Cluster>,
  run: Run,
): Promise<Outcome[]> {
  const {terminal, write, access, signal, gate} = run
  const onOutcome = (outcome: Outcome) => {
    if (gate) gate.outcome(outcome)
    else if (outcome.result === 'ok' && write.output === undefined) terminal.print(lineOf(outcome))
  }
  return applyLeased(plans, clusters, run, (plan, beforeGroup) => {
    const options = {manager: access.manager, force: write.force, onOutcome, signal, beforeGroup}
    return applyCluster(clusters.get(plan.cluster)!, plan, options)
  })
}

/** `deployment.apps/web serverside-applied (east)`. */
export function lineOf({cluster, step}: Outcome): string {
  // A removal that leaves entries of other owners is an edit.
  const removed = step.verdict === 'update' ? 'edited' : 'deleted'
  // The edit of an object that does not exist creates it.
  const edited = step.verdict === 'create' ? 'created' : 'edited'
  const done = {apply: 'serverside-applied', edit: edited, remove: removed}[step.change.action]
  return `${nameOf(step.ref)} ${done} (${cluster})`
}

/** The failed steps, each as the name of its cluster and the problem to report. */
export function failuresOf(outcomes: readonly Outcome[]): [string, Problem][] {
  return outcomes
    .filter(({result}) => result === 'failed')
    .map(({cluster, step, error}) => [cluster, {message: `${cluster}: ${nameOf(step.ref)}: ${messageOf(error)}`}])
}

/** Returns the problems of a run. After an interrupt without a failure, it is the problem, so that the next step is printed. */
export function problemsAfter(problems: readonly Problem[], {signal}: Pick<Run, 'signal'>): readonly Problem[] {
  return problems.length === 0 && signal.aborted ? [{message: 'interrupted'}] : problems
}

/** Returns the problems, with the command line that continues the run as the last hint if it is known. */
export function withResume(problems: readonly Problem[], commandLine: string | undefined): Problem[] {
  const last = problems.at(-1)
  if (!last || commandLine === undefined) return [...problems]
  return [...problems.slice(0, -1), {...last, hints: [...(last.hints ?? []), `to continue: ${commandLine}`]}]
}

/**
 * Runs what follows the writes of a command: waits, files and reports.
 *
 * @param commandLine continues the run; the last hint of the error if something was written
 * @throws MeshError (exit 4) in place of any error if something was written; otherwise the error itself
 */
export async function afterWrites<T>(
  outcomes: readonly Outcome[],
  run: Run,
  work: () => Promise<T> | T,
  commandLine?: string,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!hasWritten(outcomes)) throw error
    const failures = failuresOf(outcomes).map(([, problem]) => problem)
    const problems = [...failures, ...failureOf(error, undefined).problems]
    throw new MeshError(withResume(problems, commandLine), exitOf(outcomes, true, run), error)
  }
}

/**
 * Returns the error with which a run ends that writes in turn and has stopped. If nothing was written, the error itself.
 *
 * @param commandLine continues the run
 */
export function stoppedBy(error: unknown, outcomes: readonly Outcome[], commandLine: string, run: Run): unknown {
  if (!hasWritten(outcomes) && !run.signal.aborted) return error
  const {problems} = failureOf(error, undefined)
  return new MeshError(withResume(problems, commandLine), exitOf(outcomes, true, run), error)
}

/** Returns whether a step wrote something. */
export function hasWritten(outcomes: readonly Outcome[]): boolean {
  return outcomes.some(({result, wrote}) => result === 'ok' || wrote)
}

/** Returns whether results could not be written to stdout. `main` reports it. */
export function isOutputLost({terminal}: Pick<Run, 'terminal'>): boolean {
  return outputFailure(terminal.stdout) !== undefined
}

/** The exit code of a command that has changed something other than a cluster, and has printed its results. */
export function exitAfterChange(run: Pick<Run, 'terminal'>): ExitCode {
  return isOutputLost(run) ? exitCodes.partly : exitCodes.ok
}

/**
 * The exit code for a run that has written and reported: 130 after an interrupt, 0 if all went well, 4 if some writes
 * succeeded, else 3.
 *
 * @param failed whether anything failed, including what is not in `outcomes`
 */
export function exitOf(outcomes: readonly Outcome[], failed: boolean, run: Run): ExitCode {
  if (run.signal.aborted) return exitCodes.interrupted
  if (!failed && !isOutputLost(run)) return exitCodes.ok
  return hasWritten(outcomes) ? exitCodes.partly : exitCodes.refused
}
