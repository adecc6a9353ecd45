import {refusedError} from '../../errors.ts'
import type {Cluster} from '../cluster/cluster.ts'
import {ApiError} from '../cluster/errors.ts'
import {waitFor} from '../cluster/wait.ts'
import type {Edit} from '../kubernetes/change.ts'
import {type KubernetesObject, nameOf, type ObjectRef} from '../kubernetes/object.ts'
import {editObject, objectOfEdit} from './edit.ts'
import {inGroups} from './order.ts'
import type {ClusterPlan, Step} from './plan.ts'

/** What came of one step. */
export interface Outcome {
  cluster: string
  step: Step
  result: 'ok' | 'unchanged' | 'failed' | 'not tried'
  /** Of a failed step. */
  error?: unknown
}

/** How a plan is applied. */
export interface ApplyOptions {
  manager: string
  force: boolean
  /** Told after each step that wrote something or failed, in the order they end. */
  onOutcome?: (outcome: Outcome) => void
  /** Once aborted, no further write is started. */
  signal?: AbortSignal
}

/**
 * Makes one cluster's plan true, group by group: what can't be waited for side by side (a namespace and what lives in
 * it) is not sent side by side. After a failure the rest of this cluster is not tried. Never throws for a failed write:
 * the outcomes tell. Every write may be repeated, so a run that was killed is simply run again.
 */
export async function applyCluster(cluster: Cluster, plan: ClusterPlan, options: ApplyOptions): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  let stopped = false
  for (const group of inGroups(plan.steps)) {
    const results = await Promise.all(
      group.map(async (step): Promise<Outcome> => {
        const outcome: Outcome = {cluster: plan.cluster, step, result: 'unchanged'}
        if (stopped || options.signal?.aborted) outcome.result = 'not tried'
        else if (step.verdict !== 'unchanged') {
          try {
            await write(cluster, step, options)
            outcome.result = 'ok'
          } catch (error) {
            outcome.result = 'failed'
            outcome.error = error
          }
          options.onOutcome?.(outcome)
        }
        return outcome
      }),
    )
    outcomes.push(...results)
    stopped ||= results.some(({result}) => result === 'failed')
  }
  return outcomes
}

async function write(cluster: Cluster, step: Step, options: ApplyOptions): Promise<void> {
  const {change} = step
  switch (change.action) {
    case 'apply':
      await cluster.apply(change.object, {force: options.force})
      if (change.object.kind === 'CustomResourceDefinition') await waitUntilServed(cluster, step.ref, options.signal)
      return
    case 'remove':
      // the uid we looked at: what someone made anew meanwhile under the same name is not ours
      await cluster.delete(change.target, step.live?.metadata.uid ? {uid: step.live.metadata.uid} : {})
      return
    case 'edit':
      await writeEdit(cluster, change, step.live, options)
  }
}

/** How long an API server may take to serve a kind that was defined. */
const servedWithinMs = 30_000

/** What comes next may be of the kind that was just defined. */
async function waitUntilServed(cluster: Cluster, ref: ObjectRef, signal: AbortSignal | undefined): Promise<void> {
  const isServed = (definition: KubernetesObject | undefined) => {
    const {conditions} = (definition?.status ?? {}) as {conditions?: {type: string; status: string}[] | null}
    return (
      (conditions ?? []).some(({type, status}) => type === 'Established' && status === 'True') || 'it is not served yet'
    )
  }
  await waitFor(cluster, ref, isServed, {timeoutMs: servedWithinMs, ...(signal ? {signal} : {})})
}

/** How often an edit is worked out again when another writer came in between. */
const editTries = 6

/**
 * The edit is worked out on the object as it was compared, and only counts if nobody has written since; else on the object
 * as it is now, and so on.
 */
async function writeEdit(
  cluster: Cluster,
  change: Edit,
  compared: KubernetesObject | undefined,
  options: ApplyOptions,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    const live = (tries === 1 ? compared : undefined) ?? (await cluster.get(change.target))
    if (!live) {
      if (!change.create) throw refusedError(`${nameOf(change.target)} is no longer there`)
      await cluster.apply(objectOfEdit(change))
      return
    }
    const {patch, taken} = editObject(live, change.edits, options.manager)
    if (!patch) return
    if (taken.length > 0 && !options.force)
      throw refusedError(
        `${nameOf(change.target)}: ${taken[0]!.what} was set to ${taken[0]!.value} by ${taken[0]!.owners.join(', ')} meanwhile`,
      )
    const {resourceVersion} = live.metadata
    const metadata = {...(patch.metadata as object | undefined), resourceVersion}
    try {
      await cluster.patch(change.target, {...patch, metadata})
      return
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 409) || tries >= editTries) throw error
    }
  }
}
