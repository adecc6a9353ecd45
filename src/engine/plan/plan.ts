import type {Problem} from '../../errors.ts'
import type {Change} from '../kubernetes/change.ts'
import type {KubernetesObject, ObjectRef} from '../kubernetes/object.ts'

/** What a change comes to, compared with what is live. */
export type Verdict = 'create' | 'update' | 'unchanged' | 'remove' | 'conflict'

/** One change, compared with what is live. */
export interface Step {
  change: Change
  ref: ObjectRef
  verdict: Verdict
  /** As the server has it; undefined when it is not there. */
  live: KubernetesObject | undefined
  /** As it would be afterwards; undefined after a removal. */
  merged: KubernetesObject | undefined
  /** Of a conflict: what is in the way and who owns it. */
  problem?: Problem
}

/** All changes of one cluster, in the order they are made. */
export interface ClusterPlan {
  /** Name of the cluster in the mesh. */
  cluster: string
  steps: Step[]
}

/** How many steps of a plan have each verdict. */
export function countVerdicts(steps: readonly Step[]): Record<Verdict, number> {
  const counts = {create: 0, update: 0, unchanged: 0, remove: 0, conflict: 0}
  for (const step of steps) counts[step.verdict]++
  return counts
}

/** Whether applying the plans would write anything. */
export function hasDifferences(plans: readonly ClusterPlan[]): boolean {
  return plans.some(({steps}) => steps.some(step => step.verdict !== 'unchanged'))
}

/** All conflicts, each with its cluster in the message. */
export function conflictsOf(plans: readonly ClusterPlan[]): Problem[] {
  return plans.flatMap(({steps}) => steps.flatMap(step => (step.problem ? [step.problem] : [])))
}
