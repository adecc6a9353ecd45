import {setTimeout as sleep} from 'node:timers/promises'
import type {Cluster} from '../cluster/cluster.ts'
import {ApiError} from '../cluster/errors.ts'
import {hasEnded} from './holder.ts'
import {buildLease, buildRenewal, type FoundLease, type Holder, leaseRef, readLease, renewMs} from './lease.ts'

/** The attempt to take a lease: it is ours, another run holds it, or it cannot exist. */
export type TakenLease =
  | {result: 'taken'; uid: string}
  | {result: 'held'; by: FoundLease}
  /** The namespace does not exist. */
  | {result: 'no namespace'}

/** A lease that seems to have expired is read again after this time: the clock of its holder may be behind ours. */
const confirmMs = renewMs + 2000

/** Attempts until another run that takes the lease at the same time counts as its holder. */
const maxAttempts = 5

/** A lease is gone, or has another UID: an API server (1.36) answers a patch with 422, as the UID is immutable. */
const isReplaced: ReadonlySet<number> = new Set([404, 409, 422])

const collection = (namespace: string) => `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`

/**
 * Takes the lease of a control plane. A lease that has expired, or whose holder was killed on this machine, is replaced.
 *
 * @throws ApiError (403) without the permission; UnreachableError
 */
export async function takeLease(
  cluster: Cluster,
  namespace: string,
  holder: Holder,
  signal?: AbortSignal,
): Promise<TakenLease> {
  let found: FoundLease | undefined
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const created = await createLease(cluster, namespace, holder)
    if (created !== 'exists') return created
    const live = await cluster.get(leaseRef(namespace))
    if (!live) continue
    found = readLease(live)
    // The response to our own creation was lost.
    if (found.run === holder.run) return {result: 'taken', uid: found.uid}
    if (!(await isFree(cluster, namespace, found, signal))) return {result: 'held', by: found}
    await deleteLease(cluster, namespace, found.uid)
  }
  return found ? {result: 'held', by: found} : {result: 'no namespace'}
}

async function createLease(cluster: Cluster, namespace: string, holder: Holder): Promise<TakenLease | 'exists'> {
  try {
    const {metadata} = await cluster.create(collection(namespace), buildLease(namespace, holder, new Date()))
    return {result: 'taken', uid: metadata.uid ?? ''}
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    if (error.status === 404) return {result: 'no namespace'}
    if (error.status === 409) return 'exists'
    throw error
  }
}

async function isFree(cluster: Cluster, namespace: string, found: FoundLease, signal?: AbortSignal): Promise<boolean> {
  if (hasEnded(found)) return true
  if (found.expires.getTime() > Date.now()) return false
  await sleep(confirmMs, undefined, signal ? {signal} : {})
  const now = await cluster.get(leaseRef(namespace))
  return !now || (now.metadata.uid === found.uid && now.metadata.resourceVersion === found.version)
}

/** Deletes a lease unless another one has replaced it. */
export async function deleteLease(cluster: Cluster, namespace: string, uid: string): Promise<void> {
  try {
    await cluster.delete(leaseRef(namespace), {uid})
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 409)) throw error
  }
}

/**
 * Renews our lease. One that was deleted is created again, unless its namespace is gone too.
 *
 * @returns the lease that we hold now, or the one that has replaced it
 * @throws ApiError, UnreachableError: the lease is still ours until it expires
 */
export async function renewLease(
  cluster: Cluster,
  namespace: string,
  uid: string,
  holder: Holder,
): Promise<TakenLease> {
  try {
    await cluster.patch(leaseRef(namespace), buildRenewal(uid, new Date()))
    return {result: 'taken', uid}
  } catch (error) {
    if (!(error instanceof ApiError && isReplaced.has(error.status))) throw error
    return takeLease(cluster, namespace, holder)
  }
}
