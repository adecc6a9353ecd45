import {refusedError} from '../../errors.ts'
import type {Cluster} from '../cluster/cluster.ts'
import {ApiError} from '../cluster/errors.ts'
import {waitFor} from '../cluster/wait.ts'
import type {Edit} from '../kubernetes/change.ts'
import {type KubernetesObject, nameOf, type ObjectRef, refOf} from '../kubernetes/object.ts'
import {editObject, objectOfEdit} from './edit.ts'
import {patchToForeignEntries} from './foreign-entries.ts'
import type {Step} from './plan.ts'

/** How writes are sent. */
export interface WriteStepOptions {
  /** Field manager of all writes. */
  manager: string
  /** Take over fields that other managers own. */
  force: boolean
  /** Once aborted, a wait for a new kind ends. */
  signal?: AbortSignal
}

/**
 * Sends the write of one step.
 *
 * @returns the object as the server stores it; undefined after a removal, and if another client created the object that an edit
 *   was to create
 * @throws ApiError, UnreachableError; MeshError for an edit that is no longer possible
 */
export async function write(
  cluster: Cluster,
  step: Step,
  options: WriteStepOptions,
): Promise<KubernetesObject | undefined> {
  const {change} = step
  switch (change.action) {
    case 'apply': {
      const object = await cluster.apply(change.object, {force: options.force})
      if (change.object.kind === 'CustomResourceDefinition') await waitUntilServed(cluster, step.ref, options.signal)
      return object
    }
    case 'remove':
      if (step.merged) return removeOurEntries(cluster, step.merged)
      // The uid protects an object that was created under the same name since the plan was computed.
      await cluster.delete(change.target, step.live?.metadata.uid ? {uid: step.live.metadata.uid} : {})
      return undefined
    case 'edit':
      return writeEdit(cluster, change, step.live, options)
  }
}

/** @throws ApiError (409) if the object has changed since the plan was computed */
async function removeOurEntries(cluster: Cluster, rest: KubernetesObject): Promise<undefined> {
  await cluster.patch(refOf(rest), patchToForeignEntries(rest))
  return undefined
}

/** Time in ms in which an API server starts to serve a new kind. */
const servedWithinMs = 30_000

/** Waits because the next steps may apply objects of the kind that was just defined. After Ctrl-C, no steps follow. */
async function waitUntilServed(cluster: Cluster, ref: ObjectRef, signal: AbortSignal | undefined): Promise<void> {
  const isServed = (definition: KubernetesObject | undefined) => {
    const {conditions} = (definition?.status ?? {}) as {conditions?: {type: string; status: string}[] | null}
    return (
      (conditions ?? []).some(({type, status}) => type === 'Established' && status === 'True') ||
      'the API server does not serve it yet'
    )
  }
  try {
    await waitFor(cluster, ref, isServed, {timeoutMs: servedWithinMs, ...(signal ? {signal} : {})})
  } catch (error) {
    if (!signal?.aborted) throw error
  }
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
  options: WriteStepOptions,
): Promise<KubernetesObject | undefined> {
  for (let tries = 1; ; tries++) {
    const live = (tries === 1 ? planned : undefined) ?? (await cluster.get(change.target))
    if (!live) return change.undoes ? undefined : createForEdit(cluster, change)
    const patch = patchFor(change, live, options)
    if (!patch) return undefined
    try {
      await cluster.patch(change.target, patch)
      return undefined
    } catch (error) {
      const hasChanged = error instanceof ApiError && error.status === 409
      if (!hasChanged || tries >= editTries) throw error
    }
  }
}

async function createForEdit(cluster: Cluster, change: Edit): Promise<KubernetesObject> {
  if (!change.create) throw refusedError(`${nameOf(change.target)} no longer exists`)
  return cluster.apply(objectOfEdit(change))
}

/** Returns the patch with its `resourceVersion` precondition; undefined if the object has all values already. */
function patchFor(change: Edit, live: KubernetesObject, {manager, force}: WriteStepOptions): object | undefined {
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
