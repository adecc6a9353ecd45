import type {Cluster} from '../engine/cluster/cluster.ts'
import {TimeoutError, waitFor} from '../engine/cluster/wait.ts'
import type {KubernetesObject, ObjectRef} from '../engine/kubernetes/object.ts'
import {messageOf} from '../errors.ts'
import {revisioned} from '../istio/names.ts'
import {injectorRef, readInjector} from '../istio/remote.ts'
import type {Run} from '../run/run.ts'
import {startProgress} from '../terminal/output/progress.ts'
import {formatDuration} from '../text/duration.ts'

/** Waits until a tenant's istiod answers. Throws `TimeoutError`; nothing is waited for with `--via none`. */
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
  await waitShown(cluster, ref, via === 'sail' ? isReady : isAvailable, `istiod of ${names.name}`, run)
}

/** Waits until a cluster's webhooks answer: whose istiod has put its authority into them. Throws `TimeoutError`. */
export async function waitForInjection(
  cluster: Cluster,
  where: {systemNamespace: string; revision: string | undefined},
  about: {cluster: string; primary: string},
  run: Run,
): Promise<void> {
  const ref = injectorRef(where)
  const ready = (injector: KubernetesObject | undefined) => {
    if (!injector) return `${ref.name} is not there yet`
    return readInjector(injector).trusted || `istiod of ${about.primary} has not put its authority into it yet`
  }
  await waitShown(cluster, ref, ready, `injection in ${about.cluster}`, run)
}

/** Waits until an object is not there any more. */
export async function waitUntilGone(cluster: Cluster, ref: ObjectRef, about: string, run: Run): Promise<void> {
  await waitShown(cluster, ref, object => (object === undefined ? true : 'it is still there'), about, run)
}

async function waitShown(
  cluster: Cluster,
  ref: ObjectRef,
  ready: (object: KubernetesObject | undefined) => true | string,
  about: string,
  run: Run,
): Promise<void> {
  const text = `waiting for ${about}`
  // what is there at once needs no word
  if (ready(await cluster.get(ref)) === true) return
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

interface DeploymentStatus {
  observedGeneration?: number
  availableReplicas?: number
  updatedReplicas?: number
  replicas?: number
}

function isAvailable(deployment: KubernetesObject | undefined): true | string {
  if (!deployment) return 'it is not there yet'
  const status = (deployment.status ?? {}) as DeploymentStatus
  const wanted = (deployment.spec as {replicas?: number} | undefined)?.replicas ?? 1
  const {observedGeneration = 0, availableReplicas = 0, updatedReplicas = 0} = status
  if (observedGeneration < (deployment.metadata.generation ?? 0)) return 'the change is not seen yet'
  if (updatedReplicas < wanted || availableReplicas < wanted) return `${availableReplicas} of ${wanted} are available`
  return true
}

function isReady(istio: KubernetesObject | undefined): true | string {
  const {conditions = []} = (istio?.status ?? {}) as {conditions?: {type: string; status: string; message?: string}[]}
  const ready = conditions.find(({type}) => type === 'Ready')
  if (ready?.status === 'True') return true
  return ready?.message ?? 'the Sail operator has not said that it is ready'
}

/** What the error of a wait says, without the context's name, for callers that name the cluster as the mesh does. */
export function waitFailureReason(error: unknown): string {
  return error instanceof TimeoutError ? error.about : messageOf(error)
}
