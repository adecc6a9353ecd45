import {type MeshError, refusedError} from '../../errors.ts'
import type {Tenant} from './istio.ts'
import type {TenantsFacts} from './read.ts'

/** The one tenant of a name, or of a system namespace of that name. Throws MeshError (exit 3) when there is none, or several. */
export function findTenant(facts: TenantsFacts, name: string): Tenant {
  const named = facts.tenants.filter(tenant => tenant.name === name)
  const found = named.length > 0 ? named : facts.tenants.filter(({namespace}) => namespace === name)
  if (found.length === 1) return found[0]!
  throw found.length === 0 ? missing(facts, name) : several(found, name)
}

function missing({tenants, cluster}: TenantsFacts, name: string): MeshError {
  const names = tenants.map(tenant => tenant.name)
  return refusedError(
    `${cluster.context}: there is no tenant ${name}`,
    names.length > 0 ? `tenants here: ${names.join(', ')}` : 'kubectl mesh tenant add makes one',
  )
}

function several(found: readonly Tenant[], name: string): MeshError {
  return refusedError(
    `${name} is ${found.map(({namespace, revision}) => `revision ${revision} in namespace ${namespace}`).join(', and ')}`,
    'kubectl mesh tenant verify',
  )
}
