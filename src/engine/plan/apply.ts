import {refusedError} from '../../errors.ts'
import type {Cluster} from '../cluster/cluster.ts'
import {ApiError} from '../cluster/errors.ts'
import {waitFor} from '../cluster/wait.ts'
import type {Edit} from '../kubernetes/change.ts'
import {type KubernetesObject, nameOf, type ObjectRef} from '../kubernetes/object.ts'
import {editObject, objectOfEdit} from './edit.ts'
import {inGroups} from './order.ts'
import type {ClusterPlan, Step} from './plan.ts'

/** The result of one step. */
export interface Outcome {
  cluster: string
  step: Step
  result: 'ok' | 'unchanged' | 'failed' | 'not tried'
  /** Set if the step failed. */
  error?: unknown
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
  let hasFailed = false
  for (const group of inGroups(plan.steps)) {
    const results = await Promise.all(
      group.map(async (step): Promise<Outcome> => {
        const common = {cluster: plan.cluster, step}
        if (hasFailed || options.signal?.aborted) return {...common, result: 'not tried'}
        if (step.verdict === 'unchanged') return {...common, result: 'unchanged'}
        const outcome = {...common, ...(await tryWrite(cluster, step, options))}
        options.onOutcome?.(outcome)
        return outcome
      }),
    )
    outcomes.push(...results)
    hasFailed ||= results.some(({result}) => result === 'failed')
  }
  return outcomes
}

async function tryWrite(
  cluster: Cluster,
  step: Step,
  options: ApplyOptions,
): Promise<Pick<Outcome, 'result' | 'error'>> {
  try {
    await write(cluster, step, options)
    return {result: 'ok'}
  } catch (error) {
    return {result: 'failed', error}
  }
}

async function write(cluster: Cluster, step: Step, options: ApplyOptions): Promise<void> {
  const {change} = step
  switch (change.action) {
    case 'apply':
      await cluster.apply(change.object, {force: options.force})
      if (change.object.kind === 'CustomResourceDefinition') await waitUntilServed(cluster, step.ref, options.signal)
      return
    case 'remove':
      // The uid protects an object that was created under the same name since the plan was computed.
      await cluster.delete(change.target, step.live?.metadata.uid ? {uid: step.live.metadata.uid} : {})
      return
    case 'edit':
      await writeEdit(cluster, change, step.live, options)
  }
}

/** Time in ms in which an API server starts to serve a new kind. */
const servedWithinMs = 30_000

/** Waits because the next steps may apply objects of the kind that was just defined. */
async function waitUntilServed(cluster: Cluster, ref: ObjectRef, signal: AbortSignal | undefined): Promise<void> {
  const isServed = (definition: KubernetesObject | undefined) => {
    const {conditions} = (definition?.status ?? {}) as {conditions?: {type: string; status: string}[] | null}
    return (
      (conditions ?? []).some(({type, status}) => type === 'Established' && status === 'True') ||
      'the API server does not serve it yet'
    )
  }
  await waitFor(cluster, ref, isServed, {timeoutMs: servedWithinMs, ...(signal ? {signal} : {})})
}

/** How often an edit is computed and sent when another client changes the object at the same time. */
const editTries = 6

/**
 * Edits the object as it was in the plan. If it has changed since, the server refuses the patch, and the edit is
 * computed again on the current object.
 */
async function writeEdit(
  cluster: Cluster,
  change: Edit,
  planned: KubernetesObject | undefined,
  options: ApplyOptions,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    const live = (tries === 1 ? planned : undefined) ?? (await cluster.get(change.target))
    if (!live) return createForEdit(cluster, change)
    const patch = patchFor(change, live, options)
    if (!patch) return
    try {
      await cluster.patch(change.target, patch)
      return
    } catch (error) {
      const hasChanged = error instanceof ApiError && error.status === 409
      if (!hasChanged || tries >= editTries) throw error
    }
  }
}

async function createForEdit(cluster: Cluster, change: Edit): Promise<void> {
  if (!change.create) throw refusedError(`${nameOf(change.target)} no longer exists`)
  await cluster.apply(objectOfEdit(change))
}

/** Returns the patch with its `resourceVersion` precondition; undefined if the object has all values already. */
function patchFor(change: Edit, live: KubernetesObject, {manager, force}: ApplyOptions): object | undefined {
  const {patch, overwritten} = editObject(live, change.edits, manager)
  if (!patch) return undefined
  const [first] = overwritten
  if (first && !force) {
    const {field, value, owners} = first
    throw refusedError(
      `${nameOf(change.target)}: ${owners.join(', ')} set ${field} to ${value} after the plan was computed`,
      'run the same command again to see the conflict',
    )
  }
  const {resourceVersion} = live.metadata
  return {...patch, metadata: {...(patch.metadata as object | undefined), resourceVersion}}
}
