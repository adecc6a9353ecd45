import type {Right} from '../../kubernetes/access-rules.ts'
import type {Cluster} from '../cluster.ts'
import {grantedByRules} from './rules.ts'

/**
 * Returns the rights that the current user lacks, in the given order. The user's rules prove most of those that it has; for
 * the others, it sends one SelfSubjectAccessReview each, in parallel.
 *
 * @throws ApiError, UnreachableError
 */
export async function checkRights(cluster: Cluster, rights: Right[]): Promise<Right[]> {
  const granted = await grantedByRules(cluster, rights)
  const unproved = rights.filter(right => !granted.has(right))
  return findDenied(cluster, unproved, 'SelfSubjectAccessReview', {})
}

/**
 * Returns the rights that another account lacks, in the given order. Requires the right to create a
 * SubjectAccessReview. The account need not exist.
 *
 * @param user `system:serviceaccount:NAMESPACE:NAME`, or any user name
 * @throws ApiError (403 without the right to create a SubjectAccessReview), UnreachableError
 */
export async function checkAccountRights(cluster: Cluster, user: string, rights: Right[]): Promise<Right[]> {
  return findDenied(cluster, rights, 'SubjectAccessReview', {user, groups: groupsOf(user)})
}

/** The groups that the server adds to an account by itself (Kubernetes, authentication reference). */
function groupsOf(user: string): string[] {
  const [, namespace] = /^system:serviceaccount:([^:]+):[^:]+$/.exec(user) ?? []
  return [
    ...(namespace ? ['system:serviceaccounts', `system:serviceaccounts:${namespace}`] : []),
    'system:authenticated',
  ]
}

async function findDenied(cluster: Cluster, rights: Right[], kind: string, subject: object): Promise<Right[]> {
  const allowed = await Promise.all(
    rights.map(async right => {
      const [resource, subresource] = right.resource.split('/', 2)
      const review = await cluster.create(`/apis/authorization.k8s.io/v1/${kind.toLowerCase()}s`, {
        apiVersion: 'authorization.k8s.io/v1',
        kind,
        spec: {...subject, resourceAttributes: {...right, resource, subresource}},
      })
      return (review.status as {allowed?: boolean} | undefined)?.allowed === true
    }),
  )
  return rights.filter((_, index) => !allowed[index])
}
