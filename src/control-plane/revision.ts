import type {Cluster, ListOptions} from '../engine/cluster/cluster.ts'
import {ApiError} from '../engine/cluster/errors.ts'
import {revisionLabel} from '../engine/kubernetes/labels.ts'
import type {KubernetesObject, ObjectKind} from '../engine/kubernetes/object.ts'
import {resolveRevision} from '../istio/injection.ts'

const injectorKind: ObjectKind = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
}

/**
 * Lists Istio's sidecar injectors, those of revision tags included: the mutating webhook configurations with a revision label.
 *
 * @throws UnreachableError, ApiError
 */
export async function readInjectors(
  cluster: Cluster,
  options: Pick<ListOptions, 'mayBeDenied'> = {},
): Promise<KubernetesObject[]> {
  return (await cluster.list(injectorKind, options)).filter(
    ({metadata}) => metadata.labels?.[revisionLabel] !== undefined,
  )
}

/**
 * Resolves `--revision` in a cluster. Whatever asks or configures an istiod uses the result; labels of injected pods keep the
 * requested value, so that the pods move with the tag.
 *
 * Without the permission to list the injectors, the requested value counts as a revision.
 *
 * @param requested a revision or a tag; undefined for the tag `default`, or for the control plane without a revision
 * @returns undefined for the control plane without a revision
 * @throws UnreachableError, ApiError other than 403
 */
export async function readRevision(cluster: Cluster, requested: string | undefined): Promise<string | undefined> {
  return resolveRevision(requested, await readTaggedInjectors(cluster))
}

/**
 * Lists Istio's sidecar injectors, as `readInjectors`, for commands that need them only to resolve revision tags: empty without
 * the permission to list them.
 *
 * @throws UnreachableError, ApiError other than 403
 */
export async function readTaggedInjectors(cluster: Cluster): Promise<KubernetesObject[]> {
  try {
    return await readInjectors(cluster, {mayBeDenied: true})
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return []
    throw error
  }
}
