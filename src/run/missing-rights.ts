import type {Cluster} from '../engine/cluster/cluster.ts'
import {ApiError} from '../engine/cluster/errors.ts'
import {knownResource} from '../engine/cluster/resources.ts'
import {DeniedReadsError} from '../engine/cluster/rights/denied-reads.ts'
import {checkRights} from '../engine/cluster/rights/rights.ts'
import {missingRights, type Right} from '../engine/kubernetes/access-rules.ts'
import {type Change, targetOf} from '../engine/kubernetes/change.ts'
import {groupOf} from '../engine/kubernetes/object.ts'
import {exitCodes, MeshError} from '../errors.ts'

/**
 * Runs work that compares changes with a cluster. If the server denies it, all permissions that the changes need are checked:
 * the response names only the first one that is missing.
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
    const reads = error instanceof DeniedReadsError ? error.problems : []
    const problems = [...reads, ...missingRights(await checkRights(cluster, rightsFor(changes)))]
    // An admission webhook or the protection against privilege escalation of RBAC denies requests too.
    if (problems.length === 0) throw error
    const named = problems.map(problem => ({...problem, message: `${name}: ${problem.message}`}))
    throw new MeshError(named, exitCodes.refused, error)
  }
}

/** A server-side apply that creates an object needs both verbs (Kubernetes documentation, server-side apply, 1.36). */
const verbs = {apply: ['create', 'patch'], edit: ['patch'], remove: ['delete']} as const

function rightsFor(changes: readonly Change[]): Right[] {
  const all = changes.flatMap(change => {
    const {apiVersion, kind, namespace} = targetOf(change)
    const resource = knownResource({apiVersion, kind})
    if (!resource) return []
    const where = resource.namespaced && namespace !== undefined ? {namespace} : {}
    return verbs[change.action].map(
      (verb): Right => ({verb, group: groupOf(apiVersion), resource: resource.plural, ...where}),
    )
  })
  return [...new Map(all.map(right => [JSON.stringify(right), right])).values()]
}
