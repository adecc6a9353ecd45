import {type ApplySet, applySetId, asMember} from '../kubernetes/applyset.ts'
import {type Change, targetOf} from '../kubernetes/change.ts'
import {inOrder} from './order.ts'
import type {ClusterPlan, Step} from './plan.ts'

/**
 * Returns the plan of a client dry run: all changes of one cluster in order, without comparing them with live objects.
 *
 * @param cluster name of the cluster in the mesh
 * @param set the ApplySet that the objects join
 */
export function planOffline(cluster: string, changes: readonly Change[], set: ApplySet): ClusterPlan {
  const steps = inOrder(changes.filter(change => change.cluster === cluster)).map(
    (change): Step => ({
      change:
        change.action === 'apply' && !change.stays
          ? {...change, object: asMember(change.object, applySetId(change.memberOf ?? set))}
          : change,
      ref: targetOf(change),
      verdict: 'create',
      live: undefined,
      merged: undefined,
    }),
  )
  return {cluster, steps}
}
