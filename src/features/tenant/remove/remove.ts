import {waitUntilGone} from '../../../control-plane/wait.ts'
import type {Cluster} from '../../../engine/cluster/cluster.ts'
import {applySetId} from '../../../engine/kubernetes/applyset.ts'
import {waves} from '../../../engine/kubernetes/waves.ts'
import type {Outcome} from '../../../engine/plan/apply.ts'
import {compareCluster} from '../../../engine/plan/compare.ts'
import {type ClusterPlan, hasDifferences, type Step} from '../../../engine/plan/plan.ts'
import {type ExitCode, MeshError, type Problem, refusedError} from '../../../errors.ts'
import {applyPlans, exitOf, failuresOf, refuseConflicts} from '../../../run/apply-plan.ts'
import {confirmByName} from '../../../run/confirm.ts'
import {refuseClientDryRun} from '../../../run/dry-run.ts'
import {printPlan, showBeforeApply} from '../../../run/print-plan.ts'
import {connect, type Run} from '../../../run/run.ts'
import {type RawSpec, readSpec} from '../../../spec/read.ts'
import {findTenant} from '../find.ts'
import {type Tenant, tenantRecord} from '../istio.ts'
import {tenantApplySet} from '../objects.ts'
import {namespacesOf, type PodSeen, readPods, readTenants, type TenantsFacts} from '../read.ts'
import {restartHints} from '../read-restarts.ts'
import {isConnectedTo} from '../read-rows.ts'
import {buildTenantRemoval} from './objects.ts'
import {readRemains} from './read.ts'
import {type TenantRemove, tenantRemoveFields, tenantRemoveProblems} from './spec.ts'

/** Removes a tenant from one cluster, as far as it is there. `context` is '' for the current one. */
export async function removeTenant(
  raw: RawSpec<typeof tenantRemoveFields>,
  context: string,
  run: Run,
): Promise<ExitCode> {
  const spec = readSpec(tenantRemoveFields, raw, tenantRemoveProblems)
  refuseClientDryRun(run)
  const cluster = await connect(run.access, context)
  const facts = await readTenants(cluster)
  const tenant = findTenant(facts, spec.name!)
  const pods = await readPods(
    cluster,
    facts.namespaces.map(({metadata}) => metadata.name),
  )
  refuseRunning(spec, tenant, pods)
  const plan = await planRemoval(spec, tenant, facts, run)
  if (run.write.dryRun === 'server') return printPlan([plan], run)
  refuseConflicts([plan])
  if (hasDifferences([plan])) {
    await showBeforeApply([plan], run)
    await confirmByName(`${tenant.name} goes from ${cluster.context}.`, tenant.name, run)
  }
  const outcomes = await applyInOrder(plan, tenant, cluster, run)
  const problems: Problem[] = failuresOf(outcomes).map(([, problem]) => problem)
  const exit = exitOf(outcomes, problems.length > 0, run)
  if (problems.length > 0) throw new MeshError(problems, exit)
  tellRest(spec, tenant, facts, run)
  return exit
}

function refuseRunning(spec: TenantRemove, tenant: Tenant, pods: readonly PodSeen[]): void {
  const running = pods.filter(pod => isConnectedTo(pod, tenant))
  if (running.length === 0 || spec.force) return
  const counts = [...Map.groupBy(running, ({namespace}) => namespace)].map(
    ([namespace, group]) => `${group.length} in ${namespace}`,
  )
  throw refusedError(
    `${tenant.name}: pods with its sidecars still run: ${counts.join(', ')}`,
    `give their namespaces to another tenant (kubectl mesh tenant assign) or to none (--remove), then:`,
    ...restartHints(running),
    '--force removes the control plane under them: they keep their last configuration until their certificates end',
  )
}

async function planRemoval(spec: TenantRemove, tenant: Tenant, facts: TenantsFacts, run: Run): Promise<ClusterPlan> {
  const {cluster, namespaces, tags} = facts
  const remains = await readRemains(tenant, facts)
  const alone = !facts.tenants.some(other => other !== tenant && other.namespace === tenant.namespace)
  if (remains.foreign.length > 0)
    run.terminal.message(
      `warning: namespace ${tenant.namespace} stays, since it holds ${shortList(remains.foreign)}\nhint:  kubectl delete namespace ${tenant.namespace}`,
    )
  const changes = buildTenantRemoval({
    cluster: cluster.context,
    asked: [tenant.revision, ...[...tags].filter(([, revision]) => revision === tenant.revision).map(([tag]) => tag)],
    label: tenant.label,
    systemNamespace: namespaces.find(({metadata}) => metadata.name === tenant.namespace),
    namespaces: namespacesOf(tenant, facts),
    deleteNamespaces: spec.deleteNamespaces,
    deleteSystemNamespace: remains.ownsNamespace && remains.foreign.length === 0 && alone,
    members: remains.members,
    leftovers: remains.leftovers,
  })
  return compareCluster(cluster, cluster.context, changes, {
    manager: run.access.manager,
    force: run.write.force,
    applySet: applySetId(tenantApplySet(tenant.namespace)),
  })
}

function shortList(things: readonly string[]): string {
  return things.length > 4 ? `${things.slice(0, 4).join(', ')} and ${things.length - 4} more` : things.join(', ')
}

/**
 * What istiod reads and what it wrote goes only when istiod is gone: it would write it again, and without its mesh config
 * into every namespace. Our record goes last, with the namespaces: as long as anything is left, a next run finds the tenant.
 */
async function applyInOrder(plan: ClusterPlan, tenant: Tenant, cluster: Cluster, run: Run): Promise<Outcome[]> {
  const clusters = new Map([[plan.cluster, cluster]])
  const stages: Step[][] = [[], [], []]
  for (const step of plan.steps) stages[stageOf(step)]!.push(step)
  const outcomes: Outcome[] = []
  for (const [at, steps] of stages.entries()) {
    if (failuresOf(outcomes).length > 0 || run.signal.aborted) {
      outcomes.push(...steps.map(step => ({cluster: plan.cluster, step, result: 'not tried' as const})))
      continue
    }
    if (at === 1) await waitForEnd(tenant, cluster, run)
    outcomes.push(...(await applyPlans([{...plan, steps}], clusters, run)))
  }
  if (run.write.wait)
    for (const {step, result} of outcomes)
      if (step.ref.kind === 'Namespace' && step.change.action === 'remove' && result === 'ok')
        await waitUntilGone(cluster, step.ref, `namespace ${step.ref.name} to go`, run)
  return outcomes
}

function stageOf({change, ref}: Step): 0 | 1 | 2 {
  if (change.action !== 'remove' || change.wave !== waves.namespaces) return 0
  return ref.kind === 'Namespace' || ref.name === tenantRecord ? 2 : 1
}

async function waitForEnd({namespace, revision}: Tenant, cluster: Cluster, run: Run): Promise<void> {
  const labelSelector = `app=istiod,istio.io/rev=${revision}`
  const pods = await cluster.list({apiVersion: 'v1', kind: 'Pod'}, {namespace, labelSelector})
  for (const pod of pods)
    await waitUntilGone(
      cluster,
      {apiVersion: 'v1', kind: 'Pod', namespace, name: pod.metadata.name},
      'istiod to end',
      run,
    )
}

function tellRest(spec: TenantRemove, tenant: Tenant, facts: TenantsFacts, run: Run): void {
  const namespaces = namespacesOf(tenant, facts).map(({metadata}) => metadata.name)
  if (namespaces.length > 0 && !spec.deleteNamespaces)
    run.terminal.message(
      `${tenant.name} is removed; ${namespaces.join(', ')} stay${namespaces.length === 1 ? 's' : ''}, without its labels`,
    )
  if (facts.tenants.length === 1)
    run.terminal.message(
      "no control plane is left. Istio's CustomResourceDefinitions stay, with all resources of theirs",
    )
}
