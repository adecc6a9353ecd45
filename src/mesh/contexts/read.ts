import type {Cluster} from '../../engine/cluster/cluster.ts'
import {unreadState} from '../../engine/cluster/errors.ts'
import {createLimit} from '../../engine/cluster/limit.ts'
import {type ContextInfo, contextsOf, type Kubeconfig} from '../../engine/kubeconfig/kubeconfig.ts'
import {messageOf} from '../../errors.ts'

/** Contexts that are read at the same time. A kubeconfig may have hundreds, each with a credential plugin. */
const parallel = 16

/** A cluster that takes longer than this to respond is shown as not reachable. In milliseconds. */
const timeoutMs = 5000

/** What the reading of contexts needs from outside. */
export interface ContextReader {
  kubeconfig: Kubeconfig
  /** @param requestTimeout limit for each request, in milliseconds */
  connect: (context: string, requestTimeout: number) => Promise<Cluster>
}

/** A cluster of the kubeconfig, and what was read from it. */
export interface ReadContext<T> {
  /** The context to use, and the server that it leads to. */
  info: ContextInfo
  /** Other contexts that lead to the same cluster. */
  others: string[]
  /** Undefined if the cluster was not read. */
  state: T | undefined
  /** Why it was not read: `not reachable: …`. */
  problem: string | undefined
}

/**
 * Reads the clusters of all contexts in parallel. Contexts that lead to the same cluster become one row, of which the current
 * context is preferred. A cluster that does not respond does not affect the others.
 *
 * @param read reads one cluster; the uid is that of its namespace kube-system
 */
export async function readContexts<T extends {uid: string}>(
  {kubeconfig, connect}: ContextReader,
  read: (cluster: Cluster, context: string) => Promise<T>,
): Promise<ReadContext<T>[]> {
  const limit = createLimit(parallel)
  const rows = await Promise.all(
    contextsOf(kubeconfig).map(info =>
      limit(async (): Promise<ReadContext<T>> => {
        try {
          const state = await read(await connect(info.context, timeoutMs), info.context)
          return {info, others: [], state, problem: undefined}
        } catch (error) {
          return {info, others: [], state: undefined, problem: reasonOf(error, info.context)}
        }
      }),
    ),
  )
  return mergeRows(rows, kubeconfig.currentContext)
}

function reasonOf(error: unknown, context: string): string {
  // The row shows the context, and the server only takes space.
  const message = messageOf(error)
    .replace(`context "${context}": `, '')
    .replace(/^https?:\/\/\S+: /, '')
  return `${unreadState(error)}: ${message}`
}

/** One row for each cluster. Clusters that were not read are the same if server and problem are. */
export function mergeRows<T extends {uid: string}>(
  rows: readonly ReadContext<T>[],
  currentContext: string,
): ReadContext<T>[] {
  const keyOf = ({info, state, problem}: ReadContext<T>) => state?.uid || `${info.server} ${problem ?? info.context}`
  return [...Map.groupBy(rows, keyOf).values()].map(group => {
    const first = group.find(({info}) => info.context === currentContext) ?? group[0]!
    return {...first, others: group.filter(row => row !== first).map(({info}) => info.context)}
  })
}
