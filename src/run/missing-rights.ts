import type {Cluster} from '../engine/cluster/cluster.ts'
import {ApiError} from '../engine/cluster/errors.ts'
import {DeniedReadsError} from '../engine/cluster/rights/denied-reads.ts'
import {checkRights} from '../engine/cluster/rights/rights.ts'
import {missingRights, type Right} from '../engine/kubernetes/access-rules.ts'
import type {Change} from '../engine/kubernetes/change.ts'
import {type CompareOptions, compareCluster} from '../engine/plan/compare.ts'
import type {ClusterPlan} from '../engine/plan/plan.ts'
import {exitCodes, MeshError} from '../errors.ts'
import {rightsOf} from './rights-of.ts'

/**
 * Compares changes with a cluster. If the server denies it, or would deny a removal, which no dry run tries, the error lists
 * all permissions that the user lacks.
 *
 * @param name name of the cluster in output
 * @throws MeshError (exit 3) that lists all missing permissions, with the rules to grant; every other error unchanged
 */
export async function compareOrExplain(
  cluster: Cluster,
  name: string,
  changes: readonly Change[],
  options: CompareOptions,
): Promise<ClusterPlan> {
  return explainDenial(cluster, name, changes, async () => {
    const plan = await compareCluster(cluster, name, changes, options)
    await requireRemovals(cluster, plan)
    return plan
  })
}

/**
 * Runs work that compares changes with a cluster. If the server denies it, all permissions that the command and the changes
 * need are checked: the response names only the first one that is missing.
 *
 * @param name name of the cluster in output
 * @throws MeshError (exit 3) that lists all missing permissions, with the rules to grant; every other error unchanged
 */
export async function explainDenial<T>(
  cluster: Cluster,
  name: string,
  changes: readonly Change[],
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 403)) throw error
    const reads = error instanceof DeniedReadsError ? error.rights : []
    const problems = missingRights(await cluster.lacks([...reads, ...rightsOf(changes)]))
    // An admission webhook denies requests too.
    if (problems.length === 0) throw error
    const named = problems.map(problem => ({...problem, message: `${name}: ${problem.message}`}))
    throw new MeshError(named, exitCodes.refused, error)
  }
}

/** @throws ApiError (403) if the user lacks the permission for a removal */
async function requireRemovals(cluster: Cluster, {steps}: ClusterPlan): Promise<void> {
  const removals = steps.filter(({change, verdict}) => change.action === 'remove' && verdict !== 'unchanged')
  if (removals.length === 0) return
  const needed = rightsOf(removals.map(({change}) => change)).filter(({verb}) => verb === 'delete')
  const denied: Right[] = await checkRights(cluster, needed)
  if (denied.length > 0) throw new DeniedReadsError(denied)
}
