import {type Right, rightsFor} from '../../../engine/kubernetes/access-rules.ts'
import {rightsOfSet} from '../../../run/rights-of.ts'
import {authzApplySet} from '../spec.ts'

/** All permissions to detach an authorizer. Only its record shows in which namespace its policy is. */
export function detachRights({
  name = '',
  systemNamespace,
}: {
  name?: string | undefined
  systemNamespace: string
}): Right[] {
  return [
    ...rightsOfSet(authzApplySet({name, systemNamespace}), {verbs: ['get', 'list', 'delete'], namespace: 'all'}),
    ...rightsFor(['get', 'patch'], ['configmaps'], systemNamespace),
  ]
}
