import {nameOf} from '../../engine/kubernetes/object.ts'
import {type MeshError, refusedError} from '../../errors.ts'
import {tenantProofRef} from '../../istio/system-objects.ts'
import type {Absent} from '../../run/report-absent.ts'
import {clusterNameFrom} from '../../spec/context-ref.ts'
import {shellWord} from '../../text/shell-word.ts'
import {readRecord, type Tenant} from './istio.ts'
import {istiodBindingRef} from './istio-proof.ts'
import type {TenantsFacts} from './read.ts'

/**
 * Returns the tenant with a name. If no tenant has the name, returns the tenant whose system namespace has it.
 *
 * @throws MeshError (exit 3) if no tenant matches, or several
 */
export function findTenant(facts: Pick<TenantsFacts, 'cluster' | 'tenants'>, name: string): Tenant {
  const named = facts.tenants.filter(tenant => tenant.name === name)
  const found = named.length > 0 ? named : facts.tenants.filter(({namespace}) => namespace === name)
  if (found.length === 1) return found[0]!
  throw found.length === 0 ? notFound(facts, name) : ambiguous(found, name)
}

/**
 * Returns what a removal reports if no control plane and no record in the cluster has the name of a tenant. Undefined if one has
 * it, with or without a proof.
 */
export function absentTenant(
  {cluster, tenants, unprovedRecords}: Pick<TenantsFacts, 'cluster' | 'tenants' | 'unprovedRecords'>,
  name: string,
): Absent | undefined {
  const all = [...tenants, ...unprovedRecords.map(readRecord)]
  if (all.some(tenant => tenant.name === name || tenant.namespace === name)) return undefined
  const existing = tenants.filter(({proved}) => proved).map(tenant => tenant.name)
  return {what: `tenant ${name}`, where: clusterNameFrom(cluster.context), plural: 'tenants', existing}
}

/**
 * Returns the tenant with a name, as `findTenant`, for commands that write. A control plane without a proof does not count:
 * whoever administers its namespace may have created it to redirect the command.
 *
 * @throws MeshError (exit 3) if no proved tenant matches, or several
 */
export function findProvedTenant(
  facts: Pick<TenantsFacts, 'cluster' | 'tenants' | 'unprovedRecords'>,
  name: string,
): Tenant {
  const {cluster, tenants, unprovedRecords} = facts
  const unproved = [
    ...tenants.filter(tenant => !tenant.proved && (tenant.name === name || tenant.namespace === name)),
    ...unprovedRecords.map(readRecord).filter(tenant => tenant.name === name || tenant.namespace === name),
  ]
  const proved = tenants.filter(tenant => tenant.proved)
  const isKnown = proved.some(tenant => tenant.name === name || tenant.namespace === name)
  if (!isKnown && unproved.length > 0) throw notProved(unproved[0]!, name)
  return findTenant({cluster, tenants: proved}, name)
}

function notProved({namespace, revision, installed}: Tenant, name: string): MeshError {
  const what = installed ? 'control plane' : 'record'
  return refusedError(
    `namespace ${namespace} contains a ${what} of ${name}, but no cluster-wide object of it; whoever administers the namespace may have created it`,
    `expected: ${nameOf(tenantProofRef(namespace))}, ${nameOf(istiodBindingRef({namespace, revision}))}, or a webhook that calls its istiod`,
    'if you created it, run kubectl mesh tenant add again with the same flags',
  )
}

function notFound({tenants, cluster}: Pick<TenantsFacts, 'cluster' | 'tenants'>, name: string): MeshError {
  const names = tenants.map(tenant => tenant.name)
  return refusedError(
    `${clusterNameFrom(cluster.context)}: there is no tenant ${name}`,
    names.length > 0
      ? `existing tenants: ${names.join(', ')}`
      : `to create it: kubectl mesh tenant add ${shellWord(name)}`,
  )
}

function ambiguous(found: readonly Tenant[], name: string): MeshError {
  const matches = found.map(({namespace, revision}) => `revision ${revision} in namespace ${namespace}`)
  return refusedError(
    `${name} matches ${found.length} control planes: ${matches.join(', and ')}`,
    'kubectl mesh tenant verify',
  )
}
