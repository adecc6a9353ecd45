import type {Cluster} from '../../../engine/cluster/cluster.ts'
import {waves} from '../../../engine/kubernetes/waves.ts'
import type {Outcome} from '../../../engine/plan/apply.ts'
import type {ClusterPlan, Step} from '../../../engine/plan/plan.ts'
import {applyPlans} from '../../../run/apply-plan.ts'
import {leasePlans} from '../../../run/lease/leased.ts'
import type {Run} from '../../../run/run.ts'
import type {RemovalPlans} from './plan.ts'

/** Plans that are applied in parallel. */
interface Stage {
  plans: readonly ClusterPlan[]
  /** Where later stages are not tried after a failure: in all clusters, or in the cluster of the failure. */
  failureStops: 'all' | 'cluster'
}

/**
 * The stages of a removal. The record of a leaving cluster is removed last, because the next run needs it to find what this
 * run leaves.
 *
 * @param recordNames names of the ConfigMaps with the records
 */
function stagesOf({peers, leavers}: RemovalPlans, recordNames: ReadonlySet<string>): Stage[] {
  const isRemoteSecret = ({change}: Step) => change.wave === waves.remoteSecrets
  const isRecord = ({ref}: Step) => ref.kind === 'ConfigMap' && recordNames.has(ref.name)
  const part = (includes: (step: Step) => boolean) =>
    leavers.map(plan => ({...plan, steps: plan.steps.filter(includes)}))
  return [
    // No cluster may send traffic to a gateway that is about to be removed.
    {plans: [...peers, ...part(isRemoteSecret)], failureStops: 'all'},
    {plans: part(step => !isRemoteSecret(step) && !isRecord(step)), failureStops: 'cluster'},
    {plans: part(step => !isRemoteSecret(step) && isRecord(step)), failureStops: 'cluster'},
  ]
}

/**
 * Applies the plans of a removal in stages.
 *
 * @param clusters connections by the cluster names of the plans
 * @param recordNames names of the ConfigMaps with the records
 * @returns the outcomes of all steps, those that were not tried included
 * @throws MeshError (exit 3) if another run writes to one of the clusters
 */
export async function applyRemoval(
  plans: RemovalPlans,
  clusters: ReadonlyMap<string, Cluster>,
  recordNames: ReadonlySet<string>,
  run: Run,
): Promise<Outcome[]> {
  await leasePlans([...plans.peers, ...plans.leavers], clusters, run)
  const outcomes: Outcome[] = []
  const stopped = new Set<string>()
  for (const {plans: all, failureStops} of stagesOf(plans, recordNames)) {
    const applied = await applyPlans(
      all.filter(({cluster}) => !stopped.has(cluster)),
      clusters,
      run,
    )
    outcomes.push(...applied, ...all.filter(({cluster}) => stopped.has(cluster)).flatMap(notTried))
    const failed = applied.filter(({result}) => result === 'failed' || result === 'not tried')
    const stops =
      failureStops === 'all' && failed.length > 0 ? [...clusters.keys()] : failed.map(({cluster}) => cluster)
    for (const cluster of stops) stopped.add(cluster)
  }
  return outcomes
}

function notTried({cluster, steps}: ClusterPlan): Outcome[] {
  return steps.map(step => ({cluster, step, result: 'not tried'}))
}
