import type {Cluster} from '../../engine/cluster/cluster.ts'
import {waitFor} from '../../engine/cluster/wait.ts'
import type {KubernetesObject, ObjectRef} from '../../engine/kubernetes/object.ts'
import type {Run} from '../../run/run.ts'
import {startProgress} from '../../terminal/output/progress.ts'
import {formatDuration} from '../../text/duration.ts'

/** Waits until all pods of a Deployment or DaemonSet are available. Gives it as it is then. Throws `TimeoutError`. */
export async function waitForWorkload(cluster: Cluster, ref: ObjectRef, run: Run): Promise<KubernetesObject> {
  const text = `waiting for ${ref.kind} ${ref.name}`
  const progress = await startProgress(run.terminal, text)
  try {
    const found = await waitFor(cluster, ref, isAvailable, {
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

interface Counts {
  observedGeneration?: number
  replicas?: number
  availableReplicas?: number
  updatedReplicas?: number
  desiredNumberScheduled?: number
  numberAvailable?: number
  updatedNumberScheduled?: number
}

/** True when all pods that are wanted are new and available; else why not. */
export function isAvailable(workload: KubernetesObject | undefined): true | string {
  if (!workload) return 'it is not there yet'
  const {wanted, available, updated, observedGeneration} = countsOf(workload)
  if (observedGeneration < (workload.metadata.generation ?? 0)) return 'the change is not seen yet'
  if (available < wanted || updated < wanted) return `${Math.min(available, updated)} of ${wanted} pods are available`
  return wanted === 0 ? 'no pod is wanted on any node' : true
}

/** How many pods a Deployment or DaemonSet wants, and has. */
export function countsOf({kind, spec, status}: KubernetesObject) {
  const counts = (status ?? {}) as Counts
  const {observedGeneration = 0} = counts
  return kind === 'DaemonSet'
    ? {
        observedGeneration,
        wanted: counts.desiredNumberScheduled ?? 0,
        available: counts.numberAvailable ?? 0,
        updated: counts.updatedNumberScheduled ?? 0,
      }
    : {
        observedGeneration,
        wanted: (spec as {replicas?: number} | undefined)?.replicas ?? 1,
        available: counts.availableReplicas ?? 0,
        updated: counts.updatedReplicas ?? 0,
      }
}
