import type {Right} from '../../engine/kubernetes/access-rules.ts'
import {MeshError, messageOf, type Problem} from '../../errors.ts'
import {forEachContext, isClusterError} from '../../mesh/contexts/for-each.ts'
import {readServiceCluster, type ServiceCluster, type ServiceScope} from '../../mesh/services/read.ts'
import {type Access, connect} from '../../run/run.ts'

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
 * Runs `work` for several contexts in parallel. Those that fail are left out.
 *
 * @param problems gets one for each cluster that did not answer, refused a request, or has an invalid record
 */
export async function readEach<T>(
  contexts: readonly string[],
  problems: Problem[],
  work: (context: string) => Promise<T>,
): Promise<T[]> {
  const results = await Promise.all(
    contexts.map(async context => {
      try {
        return [await work(context)]
      } catch (error) {
        if (!isClusterError(error) && !(error instanceof MeshError)) throw error
        problems.push({message: `${context}: ${messageOf(error)}`})
        return []
      }
    }),
  )
  return results.flat()
}
