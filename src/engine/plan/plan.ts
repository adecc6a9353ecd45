import type {Problem} from '../../errors.ts'
import {type ApplySet, partOfLabel} from '../kubernetes/applyset.ts'
import type {Change} from '../kubernetes/change.ts'
import type {KubernetesObject, ObjectRef} from '../kubernetes/object.ts'
import {placeOf} from './conflict.ts'

/** The effect of a change on the live object. */
export type Verdict = 'create' | 'update' | 'unchanged' | 'remove' | 'conflict'

/** One change with its effect. */
export interface Step {
  change: Change
  ref: ObjectRef
  verdict: Verdict
  /** The object on the server; undefined if it does not exist. */
  live: KubernetesObject | undefined
  /** The object after the change; undefined after a removal. */
  merged: KubernetesObject | undefined
  /** The ApplySet whose list of members this step changes. Undefined for an object that is never a member. */
  set?: ApplySet
  /** The object exists and is ours, but is not in the list of members with its UID yet. */
  adopts?: true
  /** Another manager has set the label of the ApplySet to another value, which stays. The list of members decides. */
  relabelled?: true
  /** Set for a conflict: the fields and their owners. */
  problem?: Problem
}

/** All changes of one cluster, in the order in which they run. */
export interface ClusterPlan {
  /** Name of the cluster in the mesh. */
  cluster: string
  /** The system namespace, where the records are and the run that applies the plan holds a lease. */
  namespace?: string
  steps: Step[]
}

/** Returns the number of steps with each verdict. */
export function countVerdicts(steps: readonly Step[]): Record<Verdict, number> {
  const counts = {create: 0, update: 0, unchanged: 0, remove: 0, conflict: 0}
  for (const step of steps) counts[step.verdict]++
  return counts
}

/** Returns whether applying the plans would write anything. Conflicts count as differences. */
export function hasDifferences(plans: readonly ClusterPlan[]): boolean {
  return plans.some(({steps}) => steps.some(step => step.verdict !== 'unchanged'))
}

/** Returns a warning for each of our objects whose label of the ApplySet another manager has changed. */
export function relabelledWarnings(plans: readonly ClusterPlan[]): string[] {
  return plans.flatMap(({cluster, steps}) =>
    steps
      .filter(({relabelled}) => relabelled)
      .map(
        ({ref}) =>
          `warning: ${cluster}: another manager has changed the label ${partOfLabel} of ${placeOf(ref)}; the object stays managed by kubectl-mesh, because the record lists it`,
      ),
  )
}

/** Returns all conflicts. Each message names its cluster. */
export function conflictsOf(plans: readonly ClusterPlan[]): Problem[] {
  return plans.flatMap(({steps}) => steps.flatMap(step => (step.problem ? [step.problem] : [])))
}
