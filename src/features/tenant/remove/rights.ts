import {type Right, rightsFor} from '../../../engine/kubernetes/access-rules.ts'
import {rightsOfSet} from '../../../run/rights-of.ts'
import {tenantApplySet} from '../objects.ts'
import {tenantReads, webhooks} from '../read.ts'

/** All permissions to remove a tenant. By default, its system namespace has its name. */
export function tenantRemovalRights(systemNamespace: string): Right[] {
  return [
    ...tenantReads,
    ...rightsOfSet(tenantApplySet(systemNamespace), {verbs: ['get', 'list', 'delete']}),
    ...rightsFor(['get', 'patch', 'delete'], ['namespaces']),
    ...rightsFor(['get', 'list', 'delete'], ['secrets', 'configmaps', 'leases.coordination.k8s.io'], systemNamespace),
    ...rightsFor(['get', 'patch'], webhooks()),
  ]
}
