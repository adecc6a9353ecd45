import type {Cluster} from '../../../engine/cluster/cluster.ts'
import {checkRights} from '../../../engine/cluster/rights/rights.ts'
import {missingRights} from '../../../engine/kubernetes/access-rules.ts'
import {exitCodes, MeshError} from '../../../errors.ts'
import {clusterNameFrom} from '../../../spec/context-ref.ts'

/**
 * Checks the permission to label nodes before the first write.
 *
 * @throws MeshError (exit 3) if it is missing
 */
export async function requireNodeRights(cluster: Cluster): Promise<void> {
  const denied = await checkRights(cluster, [{verb: 'patch', group: '', resource: 'nodes'}])
  const problems = missingRights(denied).map(problem => ({
    ...problem,
    message: `${clusterNameFrom(cluster.context)}: ${problem.message}`,
  }))
  if (problems.length > 0) throw new MeshError(problems, exitCodes.refused)
}
