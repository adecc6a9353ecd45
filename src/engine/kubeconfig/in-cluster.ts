import {exitCodes, MeshError, problemsIn} from '../../errors.ts'
import {ApiError, UnreachableError} from '../cluster/errors.ts'

/** An error of an API server, reported with the cluster's name in the mesh. Exit code 3. */
export class InClusterError extends MeshError {
  readonly cluster: string

  constructor(cluster: string, cause: ApiError | UnreachableError) {
    const problems = problemsIn(cause).map(problem => ({...problem, message: `${cluster}: ${problem.message}`}))
    super(problems, exitCodes.refused, cause)
    this.name = 'InClusterError'
    this.cluster = cluster
  }
}

/**
 * Runs work in one cluster.
 *
 * @param cluster name of the cluster in the mesh
 * @throws InClusterError (exit 3) in place of an ApiError or UnreachableError
 */
export async function inCluster<T>(cluster: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ApiError || error instanceof UnreachableError) throw new InClusterError(cluster, error)
    throw error
  }
}
