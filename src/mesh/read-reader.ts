import type {Cluster} from '../engine/cluster/cluster.ts'
import {ApiError} from '../engine/cluster/errors.ts'
import {checkAccountRights} from '../engine/cluster/rights/rights.ts'
import type {Right} from '../engine/kubernetes/access-rules.ts'
import {names} from '../istio/names.ts'

/**
 * Returns whether the reader account of a system namespace has all of the given rights. If the current user may not
 * check the rights of other accounts, the answer is true: an existing account counts as set up.
 *
 * @throws ApiError other than 403, UnreachableError
 */
export async function readerMay(cluster: Cluster, namespace: string, rights: Right[]): Promise<boolean> {
  try {
    const account = `system:serviceaccount:${namespace}:${names.readerAccount}`
    return (await checkAccountRights(cluster, account, rights)).length === 0
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return true
    throw error
  }
}
