import type {Cluster} from '../engine/cluster/cluster.ts'
import {TimeoutError} from '../engine/cluster/wait.ts'
import type {KubernetesObject, ObjectRef} from '../engine/kubernetes/object.ts'
import {messageOf} from '../errors.ts'
import {revisioned} from '../istio/names.ts'
import {injectorRef, readInjector} from '../istio/remote.ts'
import type {Run} from '../run/run.ts'
import {waitWithProgress} from '../run/wait-with-progress.ts'
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
  await waitUnlessReady(cluster, ref, via === 'sail' ? isReady : isAvailable, `istiod of ${names.name}`, run)
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
  await waitUnlessReady(cluster, ref, ready, `injection in ${about.cluster}`, run)
}

/**
 * Waits until an object no longer exists.
 *
 * @param about what is being removed, for messages
 * @throws `TimeoutError`
 */
export async function waitUntilGone(cluster: Cluster, ref: ObjectRef, about: string, run: Run): Promise<void> {
  await waitUnlessReady(cluster, ref, object => (object === undefined ? true : 'it still exists'), about, run)
}

/** Prints nothing for an object that is ready at once. */
async function waitUnlessReady(
  cluster: Cluster,
  ref: ObjectRef,
  ready: (object: KubernetesObject | undefined) => Readiness,
  about: string,
  run: Run,
): Promise<void> {
  if (ready(await cluster.get(ref)) === true) return
  await waitWithProgress(cluster, about, [{ref, ready}], run)
}

/** Returns the reason of a failed wait without the name of the context, for callers that name the cluster themselves. */
export function waitFailureReason(error: unknown): string {
  return error instanceof TimeoutError ? error.about : messageOf(error)
}
