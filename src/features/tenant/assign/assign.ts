import type {Change} from '../../../engine/kubernetes/change.ts'
import {memberListOf, parseMembers} from '../../../engine/kubernetes/member-record.ts'
import {namespacesIn} from '../../../engine/plan/membership.ts'
import type {ExitCode} from '../../../errors.ts'
import {runChecks} from '../../../findings/check.ts'
import {changeClusters} from '../../../run/change-clusters.ts'
import {refuseClientDryRun} from '../../../run/dry-run.ts'
import {reportAbsent} from '../../../run/report-absent.ts'
import {reportFindings} from '../../../run/report-findings.ts'
import {connect, type Run} from '../../../run/run.ts'
import {clusterNameFrom} from '../../../spec/context-ref.ts'
import {type RawSpec, readSpec} from '../../../spec/read.ts'
import {readZtunnels} from '../ambient/read.ts'
import {absentTenant, findProvedTenant} from '../find.ts'
import {revisionLabelsOf, type Tenant} from '../istio.ts'
import {needsRestart} from '../istio-pods.ts'
import {buildAssignment, recordChange, tenantApplySet} from '../objects.ts'
import {readPods, readTenants, type TenantsFacts} from '../read.ts'
import {unlabel} from '../remove/objects.ts'
import {formatRestarts, restartRisks} from '../report-restarts.ts'
import {withNamespaces} from '../settings.ts'
import {tenantAssignChecks} from './checks.ts'
import {tenantAssignRights} from './rights.ts'
import {tenantAssignFields, validateTenantAssign} from './spec.ts'

/**
 * Moves namespaces to a tenant, or removes them from it, and prints the workloads to restart.
 *
 * @param context kubeconfig context; '' for the current one
 * @throws MeshError (exit 2) for invalid input, (exit 3 or 4) if a check or a write fails
 */
export async function assignTenant(
  raw: RawSpec<typeof tenantAssignFields>,
  context: string,
  run: Run,
): Promise<ExitCode> {
  const spec = readSpec(tenantAssignFields, raw, validateTenantAssign)
  refuseClientDryRun(run)
  const {remove} = spec
  const namespaces = [...new Set(spec.namespaces)]
  const cluster = await connect(run.access, context, tenantAssignRights(spec.name!))
  const facts = await readTenants(cluster)
  const absent = remove ? absentTenant(facts, spec.name!) : undefined
  if (absent) return reportAbsent(absent, run)
  const tenant = findProvedTenant(facts, spec.name!)
  const {tenants, tags, namespaces: live} = facts
  const moved = live.filter(({metadata}) => namespaces.includes(metadata.name))
  const ztunnels = remove ? [] : await readZtunnels(cluster, moved)
  reportFindings(runChecks(tenantAssignChecks, {tenant, tenants, namespaces, remove, live, tags, ztunnels}), run)
  const changes = [
    ...recordChanges(tenant, namespaces, remove, facts),
    ...(remove
      ? namespaces.flatMap(name => removalOf(name, tenant, facts))
      : assignmentsOf(namespaces, tenant, facts, oursOf(tenant, facts))),
  ]
  const change = {cluster, name: clusterNameFrom(cluster.context), changes, set: tenantApplySet(tenant.namespace)}
  const list = namespaces.join(', ')
  const question = remove ? `Remove ${list} from ${tenant.name}?` : `Move ${list} to ${tenant.name}?`
  const readAffected = async () =>
    (await readPods(cluster, namespaces)).filter(pod => needsRestart(pod, tenant, remove))
  const risks = restartRisks(await readAffected()).map(text => ({cluster: change.name, text}))
  const {exit} = await changeClusters([change], {question, risks}, run, async () => {
    run.terminal.message(formatRestarts(await readAffected()))
  })
  return exit
}

/** The stored namespaces of each tenant follow, because a later `mesh tenant add` labels them again. */
function recordChanges(
  tenant: Tenant,
  namespaces: readonly string[],
  remove: boolean,
  {cluster, records}: TenantsFacts,
): Change[] {
  return [...records].flatMap(([systemNamespace, record]) => {
    const joins = systemNamespace === tenant.namespace && !remove
    // A removal concerns only this tenant.
    if (remove && systemNamespace !== tenant.namespace) return []
    const data = withNamespaces(record, stored => [
      ...stored.filter(name => !namespaces.includes(name)),
      ...(joins ? namespaces : []),
    ])
    return data ? [recordChange(clusterNameFrom(cluster.context), systemNamespace, data)] : []
  })
}

/** The namespaces that kubectl-mesh created for any tenant. The record of the new tenant then lists them. */
function oursOf({recorded, namespace: systemNamespace}: Tenant, {records, namespaces}: TenantsFacts): Set<string> {
  // A record of version 0.1.0 gets its list from `mesh tenant add`, which lists the control plane too.
  if (!recorded || memberListOf(records.get(systemNamespace)) === 'old') return new Set()
  const created = new Map([...records.values()].flatMap(record => [...namespacesIn(parseMembers(record))]))
  const ours = namespaces.filter(({metadata: {name, uid}}) => uid !== undefined && created.get(name) === uid)
  return new Set(ours.map(({metadata}) => metadata.name))
}

function assignmentsOf(
  namespaces: readonly string[],
  {revision, label}: Tenant,
  {cluster}: TenantsFacts,
  ours: ReadonlySet<string>,
): Change[] {
  return namespaces.map(name =>
    buildAssignment({cluster: clusterNameFrom(cluster.context), revision, selector: label!, ours}, name),
  )
}

function removalOf(name: string, tenant: Tenant, {cluster, namespaces, tags}: TenantsFacts): Change[] {
  const namespace = namespaces.find(({metadata}) => metadata.name === name)
  const leaving = {
    cluster: clusterNameFrom(cluster.context),
    revisions: revisionLabelsOf(tenant, tags),
    label: tenant.label,
  }
  return namespace ? unlabel(leaving, namespace) : []
}
