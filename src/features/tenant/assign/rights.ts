import {type Right, rightsFor} from '../../../engine/kubernetes/access-rules.ts'
import {tenantReads} from '../read.ts'

/** All permissions to move namespaces to a tenant. */
export function tenantAssignRights(systemNamespace: string): Right[] {
  return [
    ...tenantReads,
    ...rightsFor(['get', 'patch'], ['namespaces']),
    ...rightsFor(['get', 'patch'], ['configmaps', 'peerauthentications.security.istio.io'], systemNamespace),
  ]
}
