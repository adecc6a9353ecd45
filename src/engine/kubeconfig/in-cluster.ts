import {exitCodes, MeshError} from '../../errors.ts'
import {ApiError, UnreachableError} from '../cluster/errors.ts'

/** What an API server refused or did not answer, told with the cluster's name in the mesh. Exit code 3. */
export class InClusterError extends MeshError {
  readonly cluster: string

  constructor(cluster: string, cause: ApiError | UnreachableError) {
    super({message: `${cluster}: ${cause.message}`}, exitCodes.refused, cause)
    this.name = 'InClusterError'
    this.cluster = cluster
  }
}

/** Does some work in one cluster; what its API server says against it is thrown as `InClusterError`. */
export async function inCluster<T>(cluster: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ApiError || error instanceof UnreachableError) throw new InClusterError(cluster, error)
    throw error
  }
}
