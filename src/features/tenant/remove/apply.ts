import {waitUntilGone} from '../../../control-plane/wait.ts'
import type {Cluster} from '../../../engine/cluster/cluster.ts'
import {waves} from '../../../engine/kubernetes/waves.ts'
import type {Outcome} from '../../../engine/plan/apply.ts'
import type {ClusterPlan, Step} from '../../../engine/plan/plan.ts'
import {applyPlans, failuresOf} from '../../../run/apply-plan.ts'
import type {Run} from '../../../run/run.ts'
import {type Tenant, tenantRecord} from '../istio.ts'

/** The stages of a removal, in order. */
type Stage = 'controlPlane' | 'leftovers' | 'record'

const stages: readonly Stage[] = ['controlPlane', 'leftovers', 'record']

/**
 * Applies a removal in three stages. What istiod reads and wrote is removed only after istiod has stopped: a running
 * istiod would write it again, and without its mesh config it would do so in every namespace. The record and namespaces
 * are removed last: as long as anything is left, the next run finds the tenant.
 *
 * @throws TimeoutError if istiod or a namespace does not disappear in time
 */
export async function applyRemoval(plan: ClusterPlan, tenant: Tenant, cluster: Cluster, run: Run): Promise<Outcome[]> {
  const clusters = new Map([[plan.cluster, cluster]])
  const outcomes: Outcome[] = []
  for (const stage of stages) {
    const steps = plan.steps.filter(step => stageOf(step) === stage)
    if (failuresOf(outcomes).length > 0 || run.signal.aborted) {
      outcomes.push(...steps.map(step => ({cluster: plan.cluster, step, result: 'not tried' as const})))
      continue
    }
    if (stage === 'leftovers') await waitForIstiodEnd(tenant, cluster, run)
    outcomes.push(...(await applyPlans([{...plan, steps}], clusters, run)))
  }
  if (run.write.wait) await waitForNamespaces(outcomes, cluster, run)
  return outcomes
}

function stageOf({change, ref}: Step): Stage {
  if (change.action !== 'remove' || change.wave !== waves.namespaces) return 'controlPlane'
  return ref.kind === 'Namespace' || ref.name === tenantRecord ? 'record' : 'leftovers'
}

async function waitForIstiodEnd({namespace, revision}: Tenant, cluster: Cluster, run: Run): Promise<void> {
  const kind = {apiVersion: 'v1', kind: 'Pod'}
  const pods = await cluster.list(kind, {namespace, labelSelector: `app=istiod,istio.io/rev=${revision}`})
  for (const {metadata} of pods)
    await waitUntilGone(cluster, {...kind, namespace, name: metadata.name}, 'istiod to stop', run)
}

async function waitForNamespaces(outcomes: readonly Outcome[], cluster: Cluster, run: Run): Promise<void> {
  const deleted = outcomes.filter(
    ({step, result}) => step.ref.kind === 'Namespace' && step.change.action === 'remove' && result === 'ok',
  )
  for (const {step} of deleted) await waitUntilGone(cluster, step.ref, `deletion of namespace ${step.ref.name}`, run)
}
