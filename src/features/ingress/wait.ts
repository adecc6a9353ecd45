import type {Cluster} from '../../engine/cluster/cluster.ts'
import {waitFor} from '../../engine/cluster/wait.ts'
import type {KubernetesObject, ObjectRef} from '../../engine/kubernetes/object.ts'
import {workloadState} from '../../engine/kubernetes/workload-state.ts'
import type {Run} from '../../run/run.ts'
import {startProgress} from '../../terminal/output/progress.ts'
import {formatDuration} from '../../text/duration.ts'

/**
 * Waits until every pod of a Deployment or DaemonSet is available.
 *
 * @returns the workload in its final state
 * @throws TimeoutError
 */
export async function waitForWorkload(cluster: Cluster, ref: ObjectRef, run: Run): Promise<KubernetesObject> {
  const text = `waiting for ${ref.kind} ${ref.name}`
  const progress = await startProgress(run.terminal, text)
  try {
    const found = await waitFor(cluster, ref, workloadState, {
      timeoutMs: run.write.timeout,
      signal: run.signal,
      onProgress: (reason, elapsedMs) =>
        progress.update(`${text} · ${formatDuration(Math.round(elapsedMs / 1000) * 1000)} · ${reason}`),
    })
    return found!
  } finally {
    progress.done()
  }
}
