import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {readTags} from '../../istio/injection.ts'

/**
 * Resolves a tag to its revision.
 *
 * @param requested a revision or a tag; undefined for the tag `default`, or for the control plane without a revision
 * @returns undefined for the control plane without a revision
 */
export function resolveRevision(
  requested: string | undefined,
  injectors: readonly KubernetesObject[],
): string | undefined {
  const revision = readTags(injectors).get(requested ?? 'default') ?? requested
  return revision === 'default' ? undefined : revision
}
