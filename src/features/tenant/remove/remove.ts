import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {type ClusterPlan, hasDifferences} from '../../../engine/plan/plan.ts'
import {type ExitCode, MeshError, refusedError} from '../../../errors.ts'
import {tenantRecord} from '../../../istio/names.ts'
import {exitOf, failuresOf, problemsAfter, refuseConflicts, withResume} from '../../../run/apply-plan.ts'
import {commandLineOf, contextArguments} from '../../../run/command-line.ts'
import {refuseClientDryRun} from '../../../run/dry-run.ts'
import {compareOrExplain} from '../../../run/missing-rights.ts'
import {printPlan, printRemoved} from '../../../run/print-plan.ts'
import {reportAbsent} from '../../../run/report-absent.ts'
import {reportUnrecorded} from '../../../run/report-unrecorded.ts'
import {confirmPlans} from '../../../run/review/review.ts'
import {connect, type Run} from '../../../run/run.ts'
import {clusterNameFrom} from '../../../spec/context-ref.ts'
import {type RawSpec, readSpec} from '../../../spec/read.ts'
import {someOf} from '../../../text/count.ts'
import {shellWord} from '../../../text/shell-word.ts'
import {absentTenant, findProvedTenant} from '../find.ts'
import {revisionLabelsOf, type Tenant} from '../istio.ts'
import {isConnectedTo, type PodFacts} from '../istio-pods.ts'
import {canBeMember, tenantApplySet} from '../objects.ts'
import {readAllPods, readTenants, type TenantsFacts} from '../read.ts'
import {restartHints} from '../report-restarts.ts'
import {formatLabel} from '../spec-names.ts'
import {applyRemoval} from './apply.ts'
import {decideNamespaces, type RemovedNamespaces} from './namespaces.ts'
import {buildTenantRemoval} from './objects.ts'
import {readRemains, type TenantRemains} from './read.ts'
import {refuseOldRecord, refuseUnrecorded} from './refusals.ts'
import {tenantRemovalRights} from './rights.ts'
import {tenantRemoveFields, validateTenantRemove} from './spec.ts'

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
  const cluster = await connect(run.access, context, tenantRemovalRights(spec.name!))
  const facts = await readTenants(cluster)
  const absent = absentTenant(facts, spec.name!)
  if (absent) return reportAbsent(absent, run)
  const tenant = findProvedTenant(facts, spec.name!)
  const remains = await readRemains(tenant, facts, run.write.trustLabels)
  await refuseUnrecorded(tenant, remains, cluster, run)
  reportRemains(tenant, remains, clusterNameFrom(cluster.context), run)
  if (!run.write.trustLabels) refuseOldRecord(tenant, remains, run)
  const namespaces = await decideNamespaces(spec, tenant, facts, remains, run)
  if (!spec.force) refuseConnectedPods(tenant, await readOtherPods(facts, namespaces), namespaces, run)
  const plan = await planRemoval(tenant, facts, remains, namespaces, run)
  if (run.write.dryRun === 'server') return printPlan([plan], run)
  refuseConflicts([plan])
  const question = `This removes ${tenant.name} from ${clusterNameFrom(cluster.context)}.`
  if (hasDifferences([plan])) await confirmPlans([plan], {question, typed: tenant.name}, run)
  const resume = commandLineOf(tenantRemoveFields, spec, run, contextArguments(context, run.access))
  const outcomes = await applyRemoval(plan, tenant, remains, cluster, run, resume)
  printRemoved(outcomes, run)
  const failed = failuresOf(outcomes).map(([, problem]) => problem)
  const problems = problemsAfter(failed, run)
  const exit = exitOf(outcomes, problems.length > 0, run)
  if (problems.length > 0) throw new MeshError(withResume(problems, resume), exit)
  reportRemaining(tenant, facts, remains, namespaces, run)
  return exit
}

function reportRemains(tenant: Tenant, remains: TenantRemains, cluster: string, run: Run): void {
  const {name, namespace, otherSelector, label} = tenant
  if (otherSelector !== undefined)
    run.terminal.message(
      `warning: ConfigMap ${tenantRecord} in namespace ${namespace} has selector ${otherSelector}, which is ignored; expected ${label ? formatLabel(label) : 'a label that the discoverySelectors match'}`,
    )
  const {membership, webhooks, keepsIstiod} = remains
  const edited = new Set(webhooks.map(({metadata}) => metadata.uid))
  reportUnrecorded(
    cluster,
    membership.unrecorded.filter(({metadata}) => !edited.has(metadata.uid)),
    run,
    canBeMember(namespace),
  )
  if (webhooks.length > 0)
    run.terminal.message(
      `warning: these webhook configurations stay, without the entries that call the istiod of ${name}: ${someOf(webhooks.map(({metadata}) => metadata.name))}`,
    )
  if (keepsIstiod)
    run.terminal.message([
      `warning: kubectl-mesh did not install the control plane of ${name}; it stays`,
      'hint:    remove it with the tool that installed it',
    ])
}

/** The pods that still run after the removal. Those of a namespace that is being deleted, such as by an earlier run, do not. */
async function readOtherPods(facts: TenantsFacts, {deleted}: RemovedNamespaces): Promise<PodFacts[]> {
  const isEnding = (namespace: KubernetesObject) =>
    namespace.metadata.deletionTimestamp !== undefined || deleted.includes(namespace)
  const gone = new Set(facts.namespaces.filter(isEnding).map(({metadata}) => metadata.name))
  return (await readAllPods(facts)).filter(({namespace}) => !gone.has(namespace))
}

function refuseConnectedPods(
  tenant: Tenant,
  pods: readonly PodFacts[],
  {deletable}: RemovedNamespaces,
  {command}: Run,
): void {
  const connected = pods.filter(pod => isConnectedTo(pod, tenant))
  if (connected.length === 0) return
  const groups = Map.groupBy(connected, ({namespace}) => namespace)
  const counts = [...groups].map(([namespace, group]) => `${group.length} in ${namespace}`)
  const withContent = deletable.filter(name => groups.has(name))
  throw refusedError(
    `${tenant.name}: pods with the tenant's sidecars still run: ${counts.join(', ')}`,
    ...(withContent.length > 0
      ? [
          `to delete these pods with their namespaces: ${command} ${shellWord(tenant.name)} --delete-content-of ${withContent.join(',')}`,
        ]
      : []),
    'assign their namespaces to another tenant (kubectl mesh tenant assign) or to none (--remove), then restart:',
    ...restartHints(connected),
    '--force removes the control plane anyway; the pods keep their last configuration until their certificates expire',
  )
}

function planRemoval(
  tenant: Tenant,
  {cluster, tags}: TenantsFacts,
  {membership, webhooks, leftovers, record, proof}: TenantRemains,
  {kept, deleted}: RemovedNamespaces,
  run: Run,
): Promise<ClusterPlan> {
  const changes = buildTenantRemoval({
    cluster: clusterNameFrom(cluster.context),
    tenant,
    revisions: revisionLabelsOf(tenant, tags),
    label: tenant.label,
    kept,
    deleted,
    members: membership.objects,
    webhooks,
    leftovers,
    record,
    proof,
  })
  return compareOrExplain(cluster, clusterNameFrom(cluster.context), changes, {
    manager: run.access.manager,
    force: run.write.force,
    set: tenantApplySet(tenant.namespace),
  })
}

function reportRemaining(
  tenant: Tenant,
  facts: TenantsFacts,
  {keepsIstiod}: TenantRemains,
  {kept}: RemovedNamespaces,
  run: Run,
): void {
  const namespaces = kept.map(({metadata}) => metadata.name).filter(name => name !== tenant.namespace)
  if (namespaces.length > 0) {
    const [noun, verb] = namespaces.length === 1 ? ['namespace', 'stays'] : ['namespaces', 'stay']
    run.terminal.message(`${tenant.name} is removed; ${noun} ${namespaces.join(', ')} ${verb}, without its labels`)
  }
  if (facts.tenants.length === 1 && !keepsIstiod)
    run.terminal.message(
      "the cluster has no control plane left; Istio's CustomResourceDefinitions and their resources stay",
    )
}
