import {revisionLabel} from '../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import type {Problem} from '../../errors.ts'
import {isReadBy} from '../../istio/revision.ts'
import type {ServiceCluster} from './read.ts'
import {labelHint} from './refusals.ts'

/**
 * Returns a problem for each ServiceEntry that the istiod of a revision does not read: version 0.1.0 labelled it with another
 * revision.
 *
 * @param revision resolved, not a tag
 */
export function unreadProblems(entries: readonly KubernetesObject[], revision: string | undefined): Problem[] {
  return entries
    .filter(entry => !isReadBy(entry, revision))
    .map(({metadata: {name, labels}}) => ({
      message: `ServiceEntry ${name} is labelled ${revisionLabel}=${labels?.[revisionLabel]}: istiod of revision ${revision ?? 'default'} does not read it`,
      hints: ['export the service again: kubectl mesh service export'],
    }))
}

/** Returns a problem if the istiod of a cluster does not watch the namespace of the imports: no client finds them. */
export function blindProblems(
  {isBlind, controlPlane, context}: Pick<ServiceCluster, 'isBlind' | 'controlPlane' | 'context'>,
  systemNamespace: string,
): Problem[] {
  if (!isBlind) return []
  return [
    {
      message: `istiod ignores the imports: the labels of namespace ${systemNamespace} match none of its discoverySelectors`,
      hints: [labelHint(systemNamespace, controlPlane, context)],
    },
  ]
}
