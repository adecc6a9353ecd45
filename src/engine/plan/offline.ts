import {type ApplySet, applySetId, asMember} from '../kubernetes/applyset.ts'
import {type Change, targetOf} from '../kubernetes/change.ts'
import {inOrder} from './order.ts'
import type {ClusterPlan} from './plan.ts'

/** The plan of a client dry run: all changes of one cluster as they stand, compared with nothing. */
export function planOffline(cluster: string, changes: readonly Change[], set: ApplySet): ClusterPlan {
  const id = applySetId(set)
  const steps = inOrder(changes.filter(change => change.cluster === cluster)).map(change => ({
    change:
      change.action === 'apply' && !change.stays
        ? {...change, object: asMember(change.object, change.memberOf ?? id)}
        : change,
    ref: targetOf(change),
    verdict: 'create' as const,
    live: undefined,
    merged: undefined,
  }))
  return {cluster, steps}
}
