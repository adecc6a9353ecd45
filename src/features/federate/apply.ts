import {waves} from '../../engine/kubernetes/waves.ts'
import type {Outcome} from '../../engine/plan/apply.ts'
import type {ClusterPlan} from '../../engine/plan/plan.ts'
import {type ExitCode, exitCodes, MeshError, type Problem} from '../../errors.ts'
import type {MeshMember} from '../../mesh/members.ts'
import {applyPlans, exitOf, failuresOf, hasWritten, withResume} from '../../run/apply-plan.ts'
import {leasePlans} from '../../run/lease/leased.ts'
import type {Run} from '../../run/run.ts'
import {failureOf} from '../../terminal/failure.ts'
import type {CaSource} from './ca-source.ts'
import {clusterOf, planFederation, recordFirst} from './plan.ts'
import type {Federation} from './spec.ts'
import type {ClusterFailure, Stage, StageContext, StagePart, StageProblem} from './stages/stage.ts'
import {stages} from './stages/stages.ts'

/** The result of a federation. */
export interface FederationResult {
  outcomes: Outcome[]
  /** What failed, by cluster. */
  failures: Map<string, StageProblem[]>
  /** What ended the run, without a relation to one cluster. */
  ended: Problem[]
  exit: ExitCode
}

/** The results so far. */
type Results = Pick<FederationResult, 'outcomes' | 'failures'>

/**
 * Applies a federation in stages: see `stages`. A failure in one cluster does not stop the others.
 *
 * @param plans the plans that `planFederation` returned
 * @param resume the command line that continues the run; the last hint after an interrupt
 * @throws MeshError (exit 3) if another run writes to one of the clusters, (exit 4) in place of any error if intermediates were issued
 *   into the CA folder, (exit 130) after an interrupt
 */
export async function applyFederation(
  spec: Federation,
  all: readonly MeshMember[],
  ca: CaSource,
  plans: readonly ClusterPlan[],
  resume: string,
  run: Run,
): Promise<FederationResult> {
  const exitOfRun = (exit: ExitCode) => (exit === exitCodes.refused && ca.issued.length > 0 ? exitCodes.partly : exit)
  try {
    const result = await applyStages(spec, all, ca, plans, run)
    return {...result, exit: exitOfRun(result.exit)}
  } catch (error) {
    const {problems, exit} = failureOf(error, undefined)
    if (run.signal.aborted) throw new MeshError(withResume(problems, resume), exitCodes.interrupted, error)
    throw ca.issued.length === 0 ? error : new MeshError(problems, exitOfRun(exit), error)
  }
}

async function applyStages(
  spec: Federation,
  all: readonly MeshMember[],
  ca: CaSource,
  plans: readonly ClusterPlan[],
  run: Run,
): Promise<FederationResult> {
  await leasePlans(plans, new Map(all.map(member => [member.cluster, clusterOf(member)])), run)
  const complete = await withIssuedCas(spec, all, ca, plans, run)
  const context = {spec, ca, run, all, initial: complete.map(plan => recordFirst(plan, spec))}
  const results: Results = {outcomes: [], failures: new Map()}
  const ended = await runStages(context, results)
  const hasFailed = results.failures.size > 0 || ended.length > 0
  return {...results, ended, exit: exitOf(results.outcomes, hasFailed, run)}
}

/** Returns the error that ended the stages after a write, so that what was written is still reported. */
async function runStages(context: StageContext, results: Results): Promise<Problem[]> {
  try {
    for (const stage of stages) {
      // After an interrupted wait, a request of the next stage may or may not still succeed.
      if (context.run.signal.aborted) break
      await runStage(stage, context, results)
    }
    return []
  } catch (error) {
    if (!hasWritten(results.outcomes)) throw error
    return failureOf(error, undefined).problems
  }
}

async function runStage(stage: Stage, context: StageContext, results: Results): Promise<void> {
  const members = membersWithoutFailure(context, results)
  if (stage.isNeeded && !stage.isNeeded(context, members)) return
  const {plans, failures} = await stage.plan(context, members)
  addFailures(results, failures)
  for (const part of stage.parts)
    if (stage.requiresSuccess && results.failures.size > 0) results.outcomes.push(...notTried(plans, part))
    else await runPart(stage, part, plans, context, results)
}

async function runPart(
  {appliesTo = () => true}: Stage,
  {includes, readyMembers, waits = []}: StagePart,
  plans: readonly ClusterPlan[],
  context: StageContext,
  results: Results,
): Promise<void> {
  const current = () => membersWithoutFailure(context, results).filter(appliesTo)
  const ready = readyMembers ? await readyMembers(context, current()) : current()
  const connections = new Map(ready.map(member => [member.cluster, clusterOf(member)]))
  const included = plans
    .filter(({cluster}) => connections.has(cluster))
    .map(plan => ({...plan, steps: plan.steps.filter(includes)}))
  const outcomes = await applyPlans(included, connections, context.run)
  results.outcomes.push(...outcomes)
  addFailures(results, failuresOf(outcomes))
  for (const wait of waits) addFailures(results, await wait(context, current()))
}

function notTried(plans: readonly ClusterPlan[], {includes}: StagePart): Outcome[] {
  return plans.flatMap(({cluster, steps}) =>
    steps.filter(includes).map((step): Outcome => ({cluster, step, result: 'not tried'})),
  )
}

function membersWithoutFailure({all}: StageContext, {failures}: Results): MeshMember[] {
  return all.filter(({cluster}) => !failures.has(cluster))
}

function addFailures({failures}: Results, more: readonly ClusterFailure[]): void {
  for (const [cluster, problem] of more) {
    const known = failures.get(cluster) ?? []
    // Ctrl-C ends all waits of a cluster with the same problem.
    if (!known.some(({message}) => message === problem.message)) failures.set(cluster, [...known, problem])
  }
}

/** Issues the intermediates that the CA folder lacks, and plans again with them. */
async function withIssuedCas(
  spec: Federation,
  all: readonly MeshMember[],
  ca: CaSource,
  plans: readonly ClusterPlan[],
  run: Run,
): Promise<readonly ClusterPlan[]> {
  const lacking = plans.filter(({steps}) =>
    steps.some(({change}) => change.action === 'apply' && change.wave === waves.ca && change.pending !== undefined),
  )
  if (lacking.length === 0) return plans
  await ca.issueFor(lacking.map(({cluster}) => cluster))
  return planFederation(spec, all, ca, run)
}
