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

async function outcomeOf<T>(context: string, work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return {context, value: await work()}
  } catch (error) {
    return {context, error}
  }
}
