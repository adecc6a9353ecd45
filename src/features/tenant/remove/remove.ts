import {applySetId} from '../../../engine/kubernetes/applyset.ts'
import {compareCluster} from '../../../engine/plan/compare.ts'
import {type ClusterPlan, hasDifferences} from '../../../engine/plan/plan.ts'
import {type ExitCode, MeshError, refusedError} from '../../../errors.ts'
import {exitOf, failuresOf, refuseConflicts} from '../../../run/apply-plan.ts'
import {confirmByName} from '../../../run/confirm.ts'
import {refuseClientDryRun} from '../../../run/dry-run.ts'
import {printPlan, showBeforeApply} from '../../../run/print-plan.ts'
import {connect, type Run} from '../../../run/run.ts'
import {type RawSpec, readSpec} from '../../../spec/read.ts'
import {someOf} from '../../../text/count.ts'
import {findTenant} from '../find.ts'
import {namespacesOf, revisionLabelsOf, type Tenant} from '../istio.ts'
import {isConnectedTo, type PodFacts} from '../istio-pods.ts'
import {tenantApplySet} from '../objects.ts'
import {readAllPods, readTenants, type TenantsFacts} from '../read.ts'
import {restartHints} from '../report-restarts.ts'
import {applyRemoval} from './apply.ts'
import {buildTenantRemoval} from './objects.ts'
import {readRemains} from './read.ts'
import {type TenantRemove, tenantRemoveFields, validateTenantRemove} from './spec.ts'

/**
 * Removes what exists of a tenant from one cluster.
 *
 * @param context kubeconfig context; '' for the current one
 * @throws MeshError (exit 2) for invalid input, (exit 3 or 4) if pods of the tenant run or a write fails
 */
export async function removeTenant(
  raw: RawSpec<typeof tenantRemoveFields>,
  context: string,
  run: Run,
): Promise<ExitCode> {
  const spec = readSpec(tenantRemoveFields, raw, validateTenantRemove)
  refuseClientDryRun(run)
  const cluster = await connect(run.access, context)
  const facts = await readTenants(cluster)
  const tenant = findTenant(facts, spec.name!)
  const pods = await readAllPods(facts)
  if (!spec.force) refuseConnectedPods(tenant, pods)
  const plan = await planRemoval(spec, tenant, facts, run)
  if (run.write.dryRun === 'server') return printPlan([plan], run)
  refuseConflicts([plan])
  if (hasDifferences([plan])) {
    await showBeforeApply([plan], run)
    await confirmByName(`This removes ${tenant.name} from ${cluster.context}.`, tenant.name, run)
  }
  const outcomes = await applyRemoval(plan, tenant, cluster, run)
  const problems = failuresOf(outcomes).map(([, problem]) => problem)
  const exit = exitOf(outcomes, problems.length > 0, run)
  if (problems.length > 0) throw new MeshError(problems, exit)
  reportRemaining(spec, tenant, facts, run)
  return exit
}

function refuseConnectedPods(tenant: Tenant, pods: readonly PodFacts[]): void {
  const connected = pods.filter(pod => isConnectedTo(pod, tenant))
  if (connected.length === 0) return
  const counts = [...Map.groupBy(connected, ({namespace}) => namespace)].map(
    ([namespace, group]) => `${group.length} in ${namespace}`,
  )
  throw refusedError(
    `${tenant.name}: pods with the tenant's sidecars still run: ${counts.join(', ')}`,
    'assign their namespaces to another tenant (kubectl mesh tenant assign) or to none (--remove), then restart:',
    ...restartHints(connected),
    '--force removes the control plane anyway; the pods keep their last configuration until their certificates expire',
  )
}

async function planRemoval(spec: TenantRemove, tenant: Tenant, facts: TenantsFacts, run: Run): Promise<ClusterPlan> {
  const {cluster, namespaces, tags} = facts
  const {members, leftovers, foreign, ownsNamespace} = await readRemains(tenant, facts)
  if (foreign.length > 0)
    run.terminal.message([
      `warning: namespace ${tenant.namespace} is not deleted, because it contains ${someOf(foreign, 4)}`,
      `hint:  kubectl delete namespace ${tenant.namespace}`,
    ])
  const isAlone = !facts.tenants.some(other => other !== tenant && other.namespace === tenant.namespace)
  const changes = buildTenantRemoval({
    cluster: cluster.context,
    revisions: revisionLabelsOf(tenant, tags),
    label: tenant.label,
    systemNamespace: namespaces.find(({metadata}) => metadata.name === tenant.namespace),
    namespaces: namespacesOf(tenant, facts),
    deleteNamespaces: spec.deleteNamespaces,
    deleteSystemNamespace: ownsNamespace && foreign.length === 0 && isAlone,
    members,
    leftovers,
  })
  return compareCluster(cluster, cluster.context, changes, {
    manager: run.access.manager,
    force: run.write.force,
    applySet: applySetId(tenantApplySet(tenant.namespace)),
  })
}

function reportRemaining(spec: TenantRemove, tenant: Tenant, facts: TenantsFacts, run: Run): void {
  const namespaces = namespacesOf(tenant, facts).map(({metadata}) => metadata.name)
  if (namespaces.length > 0 && !spec.deleteNamespaces) {
    const [noun, verb] = namespaces.length === 1 ? ['namespace', 'stays'] : ['namespaces', 'stay']
    run.terminal.message(`${tenant.name} is removed; ${noun} ${namespaces.join(', ')} ${verb}, without its labels`)
  }
  if (facts.tenants.length === 1)
    run.terminal.message(
      "the cluster has no control plane left; Istio's CustomResourceDefinitions and their resources stay",
    )
}
