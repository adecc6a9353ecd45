import {type MeshError, refusedError} from '../../errors.ts'
import {shellWord} from '../../text/shell-word.ts'
import type {Tenant} from './istio.ts'
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

function notFound({tenants, cluster}: Pick<TenantsFacts, 'cluster' | 'tenants'>, name: string): MeshError {
  const names = tenants.map(tenant => tenant.name)
  return refusedError(
    `${cluster.context}: there is no tenant ${name}`,
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
