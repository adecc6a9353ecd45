import type {Kubeconfig} from '../kubeconfig/kubeconfig.ts'
import type {Cluster} from './cluster.ts'
import {type ConnectOptions, connectCluster} from './connect.ts'

/** What came of something done in one cluster. */
export type Outcome<T> = {context: string; value: T} | {context: string; error: unknown}

/** Connects to all contexts; one that can't be connected to does not stop the others. In the order given. */
export async function connectAll(
  kubeconfig: Kubeconfig,
  contexts: string[],
  options: ConnectOptions,
): Promise<Outcome<Cluster>[]> {
  return Promise.all(contexts.map(context => outcomeOf(context, () => connectCluster(kubeconfig, context, options))))
}

/** Does the same in all clusters side by side; one that fails does not stop the others. In the order given. */
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
