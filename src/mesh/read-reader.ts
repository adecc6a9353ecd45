import type {Cluster} from '../engine/cluster/cluster.ts'
import {ApiError} from '../engine/cluster/errors.ts'
import {checkAccountRights} from '../engine/cluster/rights/rights.ts'
import {covers, type GrantedRule} from '../engine/cluster/rights/rules.ts'
import type {Right} from '../engine/kubernetes/access-rules.ts'
import {names, readerRoleName} from '../istio/names.ts'

/**
 * Returns whether the reader account of a system namespace has all of the given rights. The ClusterRole that Istio's charts and
 * kubectl-mesh bind to it proves that; what it does not prove is asked from the server. If the current user may not
 * check the rights of other accounts, the answer is true: an existing account counts as set up.
 *
 * @throws ApiError other than 403, UnreachableError
 */
export async function readerMay(cluster: Cluster, namespace: string, rights: Right[]): Promise<boolean> {
  if (await isGrantedByRole(cluster, namespace, rights)) return true
  try {
    const account = `system:serviceaccount:${namespace}:${names.readerAccount}`
    return (await checkAccountRights(cluster, account, rights)).length === 0
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return true
    throw error
  }
}

/** RBAC only adds permissions, so that a bound role proves what it grants. */
async function isGrantedByRole(cluster: Cluster, namespace: string, rights: readonly Right[]): Promise<boolean> {
  const [apiVersion, name] = ['rbac.authorization.k8s.io/v1', readerRoleName(namespace)]
  const [role, binding] = await Promise.all([
    cluster.get({apiVersion, kind: 'ClusterRole', name}),
    cluster.get({apiVersion, kind: 'ClusterRoleBinding', name}),
  ])
  const {roleRef, subjects} = (binding ?? {}) as {roleRef?: RoleRef; subjects?: readonly RoleSubject[] | null}
  const isBound = (subjects ?? []).some(
    subject =>
      subject.kind === 'ServiceAccount' && subject.name === names.readerAccount && subject.namespace === namespace,
  )
  if (!isBound || roleRef?.kind !== 'ClusterRole' || roleRef.name !== name) return false
  const {rules} = (role ?? {}) as {rules?: readonly GrantedRule[] | null}
  return rights.every(right => covers(rules ?? [], right))
}

interface RoleRef {
  kind?: string
  name?: string
}

interface RoleSubject extends RoleRef {
  namespace?: string
}
