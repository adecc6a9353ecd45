import type {Cluster} from '../../engine/cluster/cluster.ts'
import {inCluster} from '../../engine/kubeconfig/in-cluster.ts'
import type {ApplySet} from '../../engine/kubernetes/applyset.ts'
import type {Change} from '../../engine/kubernetes/change.ts'
import type {Outcome} from '../../engine/plan/apply.ts'
import {compareCluster} from '../../engine/plan/compare.ts'
import {exitCodes, MeshError} from '../../errors.ts'
import {applyPlans, failuresOf, hasWritten, refuseConflicts} from '../apply-plan.ts'
import type {Run} from '../run.ts'

/** A cluster that a run writes to, and the ApplySet of what it writes. */
export interface WrittenCluster {
  name: string
  cluster: Cluster
  set: ApplySet
}

/**
 * Applies changes in one cluster, for runs that write to clusters in turn and were confirmed before.
 *
 * @param outcomes what the run has written so far; the new outcomes are added
 * @throws MeshError (exit 3) for a conflict, (exit 4) for a write that failed; (exit 3) if the run has written nothing so far
 */
export async function writeInTurn(
  {name, cluster, set}: WrittenCluster,
  changes: readonly Change[],
  run: Run,
  outcomes: Outcome[],
): Promise<void> {
  run.signal.throwIfAborted()
  const {manager} = run.access
  const plan = await inCluster(name, () =>
    compareCluster(cluster, name, changes, {manager, force: run.write.force, set}),
  )
  refuseConflicts([plan])
  const done = await applyPlans([plan], new Map([[name, cluster]]), run)
  outcomes.push(...done)
  const failures = failuresOf(done).map(([, problem]) => problem)
  if (failures.length > 0) throw new MeshError(failures, hasWritten(outcomes) ? exitCodes.partly : exitCodes.refused)
  run.signal.throwIfAborted()
}
