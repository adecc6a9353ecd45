import type {Cluster} from '../cluster/cluster.ts'
import {mapWithLimit} from '../cluster/limit.ts'
import {inGroups} from './order.ts'
import type {ClusterPlan, Step} from './plan.ts'
import {changesList, type MemberRecorder, memberRecorder} from './record-members.ts'
import {write} from './write.ts'

/** The result of one step. */
export interface Outcome {
  cluster: string
  step: Step
  result: 'ok' | 'unchanged' | 'failed' | 'not tried'
  /** Set if the step failed. */
  error?: unknown
  /** Set if the step failed, and something was written nevertheless: the object, or the list of members before it. */
  wrote?: true
}

/** How a plan is applied. */
export interface ApplyOptions {
  /** Field manager of all writes. */
  manager: string
  /** Take over fields that other managers own. */
  force: boolean
  /** Called after each step that wrote something or failed, in the order in which the steps end. */
  onOutcome?: (outcome: Outcome) => void
  /** Once aborted, no further write is started. */
  signal?: AbortSignal
  /** Called before each group with the outcomes so far. If it throws, the group fails with the error. */
  beforeGroup?: (outcomes: readonly Outcome[]) => Promise<void>
}

/**
 * Applies the plan of one cluster and returns the outcome of each step.
 *
 * The steps of a group run in parallel; groups run one after the other, so that a namespace exists before its contents.
 * After a failure, the remaining groups are not tried. A failed write is reported as an outcome, not thrown. All writes
 * may be repeated, so a run that was killed can simply be run again.
 */
export async function applyCluster(cluster: Cluster, plan: ClusterPlan, options: ApplyOptions): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  const recorder = memberRecorder(cluster, plan.steps)
  for (const group of inGroups(plan.steps)) {
    const isStopped = options.signal?.aborted || outcomes.some(({result}) => result === 'failed')
    const refusal = isStopped ? undefined : (await attempt(async () => options.beforeGroup?.(outcomes))).error
    const results =
      isStopped || refusal
        ? group.map((step): Outcome => ({cluster: plan.cluster, step, result: 'not tried'}))
        : await applyGroup(cluster, plan.cluster, group, recorder, options)
    outcomes.push(...(refusal ? refuseSteps(results, refusal.cause) : results))
  }
  const listed = await attempt(() => recorder.finish())
  return listed.error ? outcomes.map(outcome => withoutList(outcome, listed.error!)) : outcomes
}

/** Returns outcomes of steps that were not tried, of which the first that would change something has failed with an error. */
export function refuseSteps(outcomes: readonly Outcome[], error: unknown): Outcome[] {
  const changing = outcomes.findIndex(({step}) => step.verdict !== 'unchanged')
  return outcomes.map((outcome, index) =>
    index === Math.max(0, changing) ? {...outcome, result: 'failed', error} : outcome,
  )
}

/** A written object that the list of members lacks is a failure: the next run completes the list. */
function withoutList(outcome: Outcome, {cause}: {cause: unknown}): Outcome {
  if (outcome.result === 'failed' || outcome.result === 'not tried' || !changesList(outcome.step)) return outcome
  return {...outcome, result: 'failed', error: cause, ...(outcome.step.verdict === 'unchanged' ? {} : {wrote: true})}
}

/** Applies the steps of one group in parallel. Before it, the lists of members name what the plan creates. */
async function applyGroup(
  cluster: Cluster,
  name: string,
  group: readonly Step[],
  recorder: MemberRecorder,
  options: ApplyOptions,
): Promise<Outcome[]> {
  const intent = await attempt(() => recorder.before(group))
  if (options.signal?.aborted) return group.map(step => ({cluster: name, step, result: 'not tried'}))
  const written = await mapWithLimit(group, async step =>
    step.verdict === 'unchanged' || intent.error ? intent : attempt(() => write(cluster, step, options)),
  )
  const done = group.flatMap((step, index) => {
    const {value, error} = written[index]!
    return error ? [] : [{step, object: value ?? undefined}]
  })
  const listed = await attempt(() => recorder.after(done))
  return group.map((step, index) => {
    const {error} = written[index]!
    const outcome = outcomeOf(name, step, error ?? (changesList(step) ? listed.error : undefined))
    const isWritten = recorder.hasWritten() || (!error && step.verdict !== 'unchanged')
    if (outcome.result === 'failed' && isWritten) outcome.wrote = true
    if (outcome.result !== 'unchanged') options.onOutcome?.(outcome)
    return outcome
  })
}

function outcomeOf(cluster: string, step: Step, failure: {cause: unknown} | undefined): Outcome {
  if (step.verdict === 'unchanged' && !step.adopts) return {cluster, step, result: 'unchanged'}
  if (failure) return {cluster, step, result: 'failed', error: failure.cause}
  return {cluster, step, result: step.verdict === 'unchanged' ? 'unchanged' : 'ok'}
}

/** Returns what a task returns, or the error that it throws. */
async function attempt<T>(task: () => Promise<T>): Promise<{value?: T; error?: {cause: unknown}}> {
  try {
    return {value: await task()}
  } catch (cause) {
    return {error: {cause}}
  }
}
