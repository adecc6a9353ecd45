import {ApiError, UnreachableError} from '../../engine/cluster/errors.ts'
import {exitCodes, MeshError, messageOf, type Problem} from '../../errors.ts'
import {readServiceCluster, type ServiceCluster, type ServiceWhere} from '../../mesh/services/read.ts'
import {type Access, connect} from '../../run/run.ts'

/** Opens the clusters of some contexts, each once. */
export async function openClusters(
  access: Access,
  contexts: readonly string[],
  where: ServiceWhere,
): Promise<ServiceCluster[]> {
  const different = [...new Set(contexts)]
  return forEachContext(different, async context => readServiceCluster(await connect(access, context), where))
}

/** Does something for each of some contexts side by side. What fails is told of all of them at once (exit 3). */
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
        if (!isOfCluster(error)) throw error
        problems.push({message: `${context}: ${messageOf(error)}`, hints: [`kubectl --context '${context}' version`]})
        return []
      }
    }),
  )
  if (problems.length > 0) throw new MeshError(problems, exitCodes.refused)
  return results.flat()
}

/** The cluster did not answer, or not as asked. */
export function isOfCluster(error: unknown): boolean {
  return error instanceof UnreachableError || error instanceof ApiError
}
