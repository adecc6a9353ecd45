import type {Change} from '../../engine/kubernetes/change.ts'
import {type ExitCode, exitCodes, MeshError} from '../../errors.ts'
import {problemsOf, runChecks} from '../../findings/check.ts'
import {changeClusters} from '../../run/change-clusters.ts'
import {refuseClientDryRun} from '../../run/dry-run.ts'
import {connect, type Run} from '../../run/run.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {formatWarnings} from '../../terminal/output/findings.ts'
import {tenantAssignChecks} from './checks-assign.ts'
import {findTenant} from './find.ts'
import type {Tenant} from './istio.ts'
import {buildAssignment, tenantApplySet} from './objects.ts'
import {type PodSeen, readPods, readTenants, type TenantsFacts} from './read.ts'
import {unlabel} from './remove/objects.ts'
import {formatRestarts} from './report-restarts.ts'
import {tenantAssignFields, tenantAssignProblems} from './spec-assign.ts'

/** Moves namespaces to a tenant, or out of it, and tells what has to be restarted. `context` is '' for the current one. */
export async function assignTenant(
  raw: RawSpec<typeof tenantAssignFields>,
  context: string,
  run: Run,
): Promise<ExitCode> {
  const spec = readSpec(tenantAssignFields, raw, tenantAssignProblems)
  refuseClientDryRun(run)
  const cluster = await connect(run.access, context)
  const facts = await readTenants(cluster)
  const tenant = findTenant(facts, spec.name!)
  const namespaces = [...new Set(spec.namespaces)]
  const findings = runChecks(tenantAssignChecks, {
    tenant,
    tenants: facts.tenants,
    namespaces,
    remove: spec.remove,
    live: facts.namespaces,
    tags: facts.tags,
  })
  const warnings = formatWarnings(problemsOf(findings, 'warning'))
  if (warnings !== '') run.terminal.message(warnings)
  const errors = problemsOf(findings, 'error')
  if (errors.length > 0) throw new MeshError(errors, exitCodes.refused)

  const changes = namespaces.flatMap(name =>
    spec.remove ? leaving(tenant, facts, name, cluster.context) : [assignment(tenant, name, cluster.context)],
  )
  const wish = {cluster, name: cluster.context, changes, set: tenantApplySet(tenant.namespace)}
  const question = `${spec.remove ? 'Take' : 'Move'} ${namespaces.join(', ')} ${spec.remove ? 'out of' : 'to'} ${tenant.name}?`
  const {exit} = await changeClusters([wish], {question}, run, async () => {
    const pods = await readPods(cluster, namespaces)
    const text = formatRestarts(restartsOf(pods, spec.remove ? undefined : tenant, tenant))
    if (text !== '') run.terminal.message(text)
  })
  return exit
}

function assignment(tenant: Tenant, namespace: string, cluster: string): Change {
  const {name, revision, label} = tenant
  return buildAssignment({cluster, name, revision, selector: label!, ownNamespaces: []}, namespace)
}

function leaving(tenant: Tenant, facts: TenantsFacts, name: string, cluster: string): Change[] {
  const namespace = facts.namespaces.find(({metadata}) => metadata.name === name)
  const tags = [...facts.tags].filter(([, revision]) => revision === tenant.revision).map(([tag]) => tag)
  return namespace ? unlabel({cluster, asked: [tenant.revision, ...tags], label: tenant.label}, namespace) : []
}

/** Pods that only get the right sidecar when they are made anew: of another control plane, or without one; or, when they left, with one. */
function restartsOf(pods: readonly PodSeen[], now: Tenant | undefined, before: Tenant): PodSeen[] {
  return pods.filter(({proxy, refuses, hostNetwork}) => {
    if (refuses || hostNetwork) return false
    if (now) return proxy === undefined || (proxy.alive && proxy.revision !== now.revision)
    return proxy?.alive && proxy.revision === before.revision
  })
}
