import type {Cluster} from '../../../engine/cluster/cluster.ts'
import {ApiError} from '../../../engine/cluster/errors.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {readCaSecret} from '../../../mesh/ca/objects.ts'
import {goalIn, type Progress} from './istio-progress.ts'
import {stageAnnotation} from './objects.ts'
import {proxyProblems, readMeshProxies} from './read-proxies.ts'

/**
 * Reads how far a cluster is in a change of the root, and which proxies do not hold yet what its stage requires. Undefined if its
 * `cacerts` is in no stage.
 *
 * @throws ApiError, UnreachableError
 */
export async function readProgress(
  cluster: Cluster,
  systemNamespace: string,
  secret: KubernetesObject | undefined,
): Promise<Progress | undefined> {
  const found = secret && goalIn(readCaSecret(secret), secret.metadata.annotations?.[stageAnnotation])
  if (!found) return undefined
  const {stage, goal} = found
  try {
    const proxies = await readMeshProxies(cluster, systemNamespace)
    const problems = await proxyProblems(cluster, proxies, goal)
    return {stage, proxies: proxies.length, incomplete: problems.map(({problem}) => problem).sort()}
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 403)) throw error
    return {stage, proxies: 0, incomplete: [`the proxies cannot be listed: ${error.message}`]}
  }
}
