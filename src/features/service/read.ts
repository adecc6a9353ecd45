import {ApiError, UnreachableError} from '../../engine/cluster/errors.ts'
import type {Right} from '../../engine/kubernetes/access-rules.ts'
import {exitCodes, MeshError, type Problem, problemsIn} from '../../errors.ts'
import {readServiceCluster, type ServiceCluster, type ServiceScope} from '../../mesh/services/read.ts'
import {type Access, connect} from '../../run/run.ts'
import {contextFlags} from '../../spec/context-ref.ts'

/**
 * Connects to the clusters of some contexts, once to each.
 *
 * @param needsOf permissions that the command needs in a cluster after this
 * @throws MeshError (exit 3) that lists every cluster that cannot be read
 */
export async function openClusters(
  access: Access,
  contexts: readonly string[],
  scope: ServiceScope,
  needsOf: (context: string) => readonly Right[],
): Promise<ServiceCluster[]> {
  return forEachContext([...new Set(contexts)], async context =>
    readServiceCluster(await connect(access, context, needsOf(context)), scope),
  )
}

/**
 * Runs `work` for several contexts in parallel.
 *
 * @returns the results, in the order of the contexts
 * @throws MeshError (exit 3) that lists every cluster that did not answer or refused a request
 */
export async function forEachContext<T>(
  contexts: readonly string[],
  work: (context: string) => Promise<T>,
): Promise<T[]> {
  const problems: Problem[] = []
  const results = await Promise.all(
    contexts.map(async context => {
      try {
        return [await work(context)]
      } catch (error) {
        if (!isClusterError(error)) throw error
        const hint = `kubectl ${contextFlags(context)} version`
        for (const {message, hints = [hint]} of problemsIn(error))
          problems.push({message: `${context}: ${message}`, hints})
        return []
      }
    }),
  )
  if (problems.length > 0) throw new MeshError(problems, exitCodes.refused)
  return results.flat()
}

/** Whether a cluster did not answer, or refused a request. */
export function isClusterError(error: unknown): boolean {
  return error instanceof UnreachableError || error instanceof ApiError
}
