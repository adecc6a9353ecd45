import type {Kubeconfig} from '../kubeconfig/kubeconfig.ts'
import type {Cluster} from './cluster.ts'
import {type ConnectOptions, connectCluster} from './connect.ts'

/** The result of work in one cluster: a value or the error that ended it. */
export type Outcome<T> = {context: string; value: T} | {context: string; error: unknown}

/**
 * Connects to several contexts in parallel. A context that fails does not stop the others.
 *
 * @returns one outcome per context, in the order of `contexts`
 */
export async function connectAll(
  kubeconfig: Kubeconfig,
  contexts: string[],
  options: ConnectOptions,
): Promise<Outcome<Cluster>[]> {
  return Promise.all(contexts.map(context => outcomeOf(context, () => connectCluster(kubeconfig, context, options))))
}

/**
 * Runs the same work in several clusters in parallel. A cluster that fails does not stop the others.
 *
 * @returns one outcome per cluster, in the order of `clusters`
 */
export async function eachCluster<T>(
  clusters: Cluster[],
  work: (cluster: Cluster) => Promise<T>,
): Promise<({cluster: Cluster} & Outcome<T>)[]> {
  return Promise.all(
    clusters.map(async cluster => ({cluster, ...(await outcomeOf(cluster.context, () => work(cluster)))})),
  )
}

/**
 * Works on all items in parallel. A failure aborts the work on the others. Throws the first error only when all work has ended,
 * so that nothing is created after a cleanup.
 *
 * @param work receives a signal that is also aborted with `signal`
 */
export async function allOrNone<T, R>(
  items: readonly T[],
  signal: AbortSignal,
  work: (item: T, signal: AbortSignal) => Promise<R>,
): Promise<R[]> {
  const failed = new AbortController()
  const anySignal = AbortSignal.any([signal, failed.signal])
  const errors: unknown[] = []
  const results = await Promise.allSettled(
    items.map(item =>
      work(item, anySignal).catch((error: unknown) => {
        errors.push(error)
        failed.abort()
        throw error
      }),
    ),
  )
  if (errors.length > 0) throw errors[0]
  return results.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []))
}

async function outcomeOf<T>(context: string, work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return {context, value: await work()}
  } catch (error) {
    return {context, error}
  }
}
