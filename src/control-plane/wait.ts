import type {Cluster} from '../engine/cluster/cluster.ts'
import {TimeoutError, waitFor} from '../engine/cluster/wait.ts'
import type {KubernetesObject, ObjectRef} from '../engine/kubernetes/object.ts'
import {messageOf} from '../errors.ts'
import {revisioned} from '../istio/names.ts'
import {injectorRef, readInjector} from '../istio/remote.ts'
import type {Run} from '../run/run.ts'
import {startProgress} from '../terminal/output/progress.ts'
import {formatDuration} from '../text/duration.ts'
import {isAvailable, isReady, type Readiness} from './readiness.ts'

/**
 * Waits until a tenant's istiod is ready. Returns at once for `--via none`, because the tenant's control plane is installed
 * by other means.
 *
 * @throws `TimeoutError`
 */
export async function waitForControlPlane(
  cluster: Cluster,
  via: string,
  names: {name: string; systemNamespace: string; revision: string},
  run: Run,
): Promise<void> {
  if (via === 'none') return
  const ref: ObjectRef =
    via === 'sail'
      ? {apiVersion: 'sailoperator.io/v1', kind: 'Istio', name: names.revision}
      : {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          namespace: names.systemNamespace,
          name: revisioned('istiod', names.revision),
        }
  await waitWithProgress(cluster, ref, via === 'sail' ? isReady : isAvailable, `istiod of ${names.name}`, run)
}

/**
 * Waits until the primary's istiod has set its CA bundle in a remote cluster's webhooks. Before that, the API server cannot
 * call them.
 *
 * @param about names of the remote cluster and of its primary in the mesh, for messages
 * @throws `TimeoutError`
 */
export async function waitForInjection(
  cluster: Cluster,
  where: {systemNamespace: string; revision: string | undefined},
  about: {cluster: string; primary: string},
  run: Run,
): Promise<void> {
  const ref = injectorRef(where)
  const ready = (injector: KubernetesObject | undefined) => {
    if (!injector) return `${ref.name} does not exist yet`
    return readInjector(injector).trusted || `istiod of ${about.primary} has not set its CA bundle yet`
  }
  await waitWithProgress(cluster, ref, ready, `injection in ${about.cluster}`, run)
}

/**
 * Waits until an object no longer exists.
 *
 * @param about what is being removed, for messages
 * @throws `TimeoutError`
 */
export async function waitUntilGone(cluster: Cluster, ref: ObjectRef, about: string, run: Run): Promise<void> {
  await waitWithProgress(cluster, ref, object => (object === undefined ? true : 'it still exists'), about, run)
}

async function waitWithProgress(
  cluster: Cluster,
  ref: ObjectRef,
  ready: (object: KubernetesObject | undefined) => Readiness,
  about: string,
  run: Run,
): Promise<void> {
  // Nothing is printed for an object that is ready at once.
  if (ready(await cluster.get(ref)) === true) return
  const text = `waiting for ${about}`
  const progress = await startProgress(run.terminal, text)
  try {
    await waitFor(cluster, ref, ready, {
      timeoutMs: run.write.timeout,
      signal: run.signal,
      onProgress: (reason, elapsedMs) =>
        progress.update(`${text} · ${formatDuration(Math.round(elapsedMs / 1000) * 1000)} · ${reason}`),
    })
  } finally {
    progress.done()
  }
}

/** Returns the reason of a failed wait without the name of the context, for callers that name the cluster themselves. */
export function waitFailureReason(error: unknown): string {
  return error instanceof TimeoutError ? error.about : messageOf(error)
}
