import type {Cluster} from '../engine/cluster/cluster.ts'
import {UnreachableError} from '../engine/cluster/errors.ts'
import type {PodRef} from '../engine/cluster/pods/pods.ts'
import {revisionLabel} from '../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../engine/kubernetes/object.ts'
import {messageOf} from '../errors.ts'

/** The part of istiod's HTTP port that is bound to its pod's loopback: the debug pages (istio.io, "Ports used by Istio"). */
const debugPort = 8080

/** A debug page was refused, or has another shape than expected. */
class PageError extends Error {}

/**
 * Returns the ready istiod pods of a revision.
 *
 * @param scope.revision resolved, not a tag
 * @throws ApiError, UnreachableError
 */
export async function readReadyIstiods(
  cluster: Cluster,
  scope: {systemNamespace: string; revision: string},
): Promise<PodRef[]> {
  const {systemNamespace: namespace, revision} = scope
  const pods = await cluster.list(
    {apiVersion: 'v1', kind: 'Pod'},
    {namespace, labelSelector: `app=istiod,${revisionLabel}=${revision}`},
  )
  return pods.filter(isReady).map(({metadata: {name}}) => ({namespace, name}))
}

/** Returns whether a pod is ready and not being deleted. */
export function isReady({metadata, status}: KubernetesObject): boolean {
  const conditions = (status as {conditions?: {type: string; status: string}[]} | undefined)?.conditions ?? []
  return !metadata.deletionTimestamp && conditions.some(({type, status}) => type === 'Ready' && status === 'True')
}

/**
 * Reads a debug page of an istiod pod, by port-forward through the API server.
 *
 * @param page name below `/debug/`
 * @param parse throws for a page of another shape
 * @throws an error for which `isUnreadPage` is true if the page cannot be read
 */
export async function readDebugPage<T>(
  cluster: Cluster,
  pod: PodRef,
  page: string,
  parse: (body: string) => T,
): Promise<T> {
  const {status, body} = await cluster.pods.read(pod, debugPort, `/debug/${page}`)
  if (status !== 200) throw new PageError(`/debug/${page} returned HTTP ${status}`)
  try {
    return parse(body)
  } catch (error) {
    throw new PageError(`/debug/${page} ${messageOf(error)}`)
  }
}

/** Whether the error is the reason why a debug page could not be read: the pod does not respond, access is denied, another shape. */
export function isUnreadPage(error: unknown): error is Error {
  return error instanceof PageError || error instanceof UnreachableError
}
