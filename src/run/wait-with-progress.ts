import type {Cluster} from '../engine/cluster/cluster.ts'
import {waitFor} from '../engine/cluster/wait.ts'
import type {KubernetesObject, ObjectRef} from '../engine/kubernetes/object.ts'
import {workloadState} from '../engine/kubernetes/workload-state.ts'
import {startProgress} from '../terminal/output/progress.ts'
import {formatDuration} from '../text/duration.ts'
import type {Run} from './run.ts'

/** An object that a command waits for. */
export interface AwaitedObject {
  ref: ObjectRef
  /** True, or why the object is not ready. */
  ready: (object: KubernetesObject | undefined) => true | string
}

/**
 * Waits until all objects are ready, and shows what is not.
 *
 * @param about what is waited for: `Deployment web`
 * @returns the objects in their final state
 * @throws TimeoutError; the reason of the signal if the run is interrupted
 */
export async function waitWithProgress(
  cluster: Cluster,
  about: string,
  awaited: readonly AwaitedObject[],
  run: Run,
): Promise<(KubernetesObject | undefined)[]> {
  // After Ctrl-C, nothing is waited for, and no line claims it.
  run.signal.throwIfAborted()
  const text = `waiting for ${about}`
  const progress = await startProgress(run.terminal, text)
  const options = {
    timeoutMs: run.write.timeout,
    signal: run.signal,
    onProgress: (reason: string, elapsedMs: number) => progress.update(waitText(text, reason, elapsedMs)),
  }
  try {
    return await Promise.all(awaited.map(({ref, ready}) => waitFor(cluster, ref, ready, options)))
  } finally {
    progress.done()
  }
}

/** The text of a wait with its duration: `waiting for Deployment web · 4s · 0 of 1 pods ready`. */
export function waitText(text: string, reason: string, elapsedMs: number): string {
  return `${text} · ${formatDuration(Math.round(elapsedMs / 1000) * 1000)} · ${reason}`
}

/**
 * Waits until every pod of a Deployment or DaemonSet is available.
 *
 * @returns the workload in its final state
 * @throws TimeoutError
 */
export async function waitForWorkload(cluster: Cluster, ref: ObjectRef, run: Run): Promise<KubernetesObject> {
  const [found] = await waitWithProgress(cluster, `${ref.kind} ${ref.name}`, [{ref, ready: workloadState}], run)
  return found!
}
