import type {Cluster} from './cluster.ts'

/** Something that an account may be allowed to do. */
export interface Right {
  /** `get`, `create`, `patch`, … */
  verb: string
  /** '' is the core group. */
  group: string
  /** `secrets`, or with a subresource `serviceaccounts/token`. */
  resource: string
  /** Left out: in all namespaces, or outside of them. */
  namespace?: string
  /** Left out: all names. */
  name?: string
}

/**
 * The rights that we do not have, in the order given; asked all together by SelfSubjectAccessReview.
 *
 * @throws ApiError, UnreachableError
 */
export async function checkRights(cluster: Cluster, rights: Right[]): Promise<Right[]> {
  return denied(cluster, rights, 'SelfSubjectAccessReview', {})
}

/**
 * The rights that another account does not have, in the order given; asked by SubjectAccessReview, for which we need the
 * right to create those. The account need not exist yet.
 *
 * @param user `system:serviceaccount:NAMESPACE:NAME`, or any user name
 * @throws ApiError, UnreachableError
 */
export async function checkAccountRights(cluster: Cluster, user: string, rights: Right[]): Promise<Right[]> {
  return denied(cluster, rights, 'SubjectAccessReview', {user, groups: groupsOf(user)})
}

/** The groups that the server itself puts an account in (Kubernetes, authentication reference). */
function groupsOf(user: string): string[] {
  const [, namespace] = /^system:serviceaccount:([^:]+):[^:]+$/.exec(user) ?? []
  return [
    ...(namespace ? ['system:serviceaccounts', `system:serviceaccounts:${namespace}`] : []),
    'system:authenticated',
  ]
}

async function denied(cluster: Cluster, rights: Right[], kind: string, subject: object): Promise<Right[]> {
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
