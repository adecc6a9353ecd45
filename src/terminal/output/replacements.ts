import {refKey} from '../../engine/kubernetes/object.ts'
import type {Step} from '../../engine/plan/plan.ts'

/** A step as a diff shows it. */
export interface ShownStep extends Step {
  /** The plan deletes the object and creates it again. `live` is the old object. */
  replaces?: true
}

/**
 * Joins the two steps of an object that a plan deletes and creates again, so that a diff compares the old object with the new
 * one. The result has the place of the step that creates it.
 */
export function joinReplacements(steps: readonly Step[]): ShownStep[] {
  const removed = new Map(steps.filter(({verdict}) => verdict === 'remove').map(step => [refKey(step.ref), step]))
  const applied = new Set(steps.filter(({verdict}) => verdict !== 'remove').map(({ref}) => refKey(ref)))
  return steps.flatMap((step): ShownStep[] => {
    const key = refKey(step.ref)
    if (step.verdict === 'remove') return applied.has(key) ? [] : [step]
    const before = removed.get(key)
    return before ? [{...step, verdict: 'update', live: before.live, replaces: true}] : [step]
  })
}
