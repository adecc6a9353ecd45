import {waitUntilGone} from '../../../control-plane/wait.ts'
import type {Cluster} from '../../../engine/cluster/cluster.ts'
import {revisionLabel} from '../../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {waves} from '../../../engine/kubernetes/waves.ts'
import type {Outcome} from '../../../engine/plan/apply.ts'
import type {ClusterPlan, Step} from '../../../engine/plan/plan.ts'
import {tenantRecord} from '../../../istio/names.ts'
import {afterWrites, applyPlans, failuresOf} from '../../../run/apply-plan.ts'
import type {Run} from '../../../run/run.ts'
import type {Tenant} from '../istio.ts'
import type {TenantRemains} from './read.ts'

/** The stages of a removal, in order. */
type Stage = 'controlPlane' | 'leftovers' | 'record'

const stages: readonly Stage[] = ['controlPlane', 'leftovers', 'record']

/** Order within the stage `record`. */
const lastKinds = ['Namespace', 'ConfigMap', 'ClusterRole']

/**
 * Applies a removal in three stages. What istiod reads and wrote is removed only after istiod has stopped: a running
 * istiod would write it again, and without its mesh config it would do so in every namespace. Namespaces, the record and its
 * proof are removed last, in this order: as long as anything is left, the next run finds the tenant.
 *
 * @param resume the command line that continues the removal
 * @throws MeshError (exit 4) if istiod or a namespace does not disappear in time
 */
export async function applyRemoval(
  plan: ClusterPlan,
  tenant: Tenant,
  {keepsIstiod}: Pick<TenantRemains, 'keepsIstiod'>,
  cluster: Cluster,
  run: Run,
  resume: string,
): Promise<Outcome[]> {
  const clusters = new Map([[plan.cluster, cluster]])
  const outcomes: Outcome[] = []
  for (const stage of stages) {
    const steps = stepsOf(plan, stage)
    if (failuresOf(outcomes).length > 0 || run.signal.aborted) {
      outcomes.push(...steps.map(step => ({cluster: plan.cluster, step, result: 'not tried' as const})))
      continue
    }
    if (stage === 'leftovers' && !keepsIstiod) {
      await afterWrites(outcomes, run, () => waitForIstiodEnd(tenant, cluster, run), resume)
    }
    outcomes.push(...(await applyPlans([{...plan, steps}], clusters, run)))
  }
  if (run.write.wait) await afterWrites(outcomes, run, () => waitForNamespaces(outcomes, cluster, run), resume)
  return outcomes
}

function stepsOf({steps}: ClusterPlan, stage: Stage): Step[] {
  const own = steps.filter(step => stageOf(step) === stage)
  if (stage !== 'record') return own
  return own.toSorted((a, b) => lastKinds.indexOf(a.ref.kind) - lastKinds.indexOf(b.ref.kind))
}

function stageOf({change, ref}: Step): Stage {
  if (change.action !== 'remove' || change.wave > waves.namespaces) return 'controlPlane'
  if (change.wave === waves.proof || ref.kind === 'Namespace') return 'record'
  return ref.kind === 'ConfigMap' && ref.name === tenantRecord ? 'record' : 'leftovers'
}

async function waitForIstiodEnd(tenant: Tenant, cluster: Cluster, run: Run): Promise<void> {
  const kind = {apiVersion: 'v1', kind: 'Pod'}
  const {namespace} = tenant
  const pods = await cluster.list(kind, {namespace, labelSelector: 'app=istiod'})
  for (const {metadata} of pods.filter(pod => isOfRevision(pod, tenant)))
    await waitUntilGone(cluster, {...kind, namespace, name: metadata.name}, 'istiod to stop', run)
}

/** Istio's charts label the pods of an istiod without a revision with `istio.io/rev=default`; other tools may not. */
function isOfRevision({metadata: {labels}}: KubernetesObject, {revision}: Tenant): boolean {
  return (labels?.[revisionLabel] || 'default') === revision
}

async function waitForNamespaces(outcomes: readonly Outcome[], cluster: Cluster, run: Run): Promise<void> {
  const deleted = outcomes.filter(
    ({step, result}) => step.ref.kind === 'Namespace' && step.change.action === 'remove' && result === 'ok',
  )
  for (const {step} of deleted) await waitUntilGone(cluster, step.ref, `deletion of namespace ${step.ref.name}`, run)
}
