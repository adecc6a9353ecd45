import {isDeepStrictEqual} from 'node:util'
import type {Step} from '../../engine/plan/plan.ts'
import {isMap} from '../../text/json.ts'
import type {ShownStep} from './replacements.ts'

/** A step, and the steps that make the same change to other objects of the same kind and namespace. */
export interface SimilarSteps {
  step: ShownStep
  alike: Step[]
}

/** Smaller groups are split into single steps. */
const minGroupSize = 4

/**
 * Groups updates that make the same change, so that a diff of a thousand labelled nodes is short. A group has the position
 * of its first step. Steps other than updates, and replacements, are never grouped.
 */
export function groupSimilar(steps: readonly ShownStep[]): SimilarSteps[] {
  const groups = new Map<unknown, ShownStep[]>()
  for (const step of steps) {
    const key = step.verdict === 'update' && !step.replaces ? keyOf(step) : step
    groups.set(key, [...(groups.get(key) ?? []), step])
  }
  return [...groups.values()].flatMap(group =>
    group.length < minGroupSize ? group.map(step => ({step, alike: []})) : [{step: group[0]!, alike: group.slice(1)}],
  )
}

/** A key of the kind, the namespace and the changed values. */
function keyOf({ref, live, merged}: Step): string {
  const changes: [string[], unknown, unknown][] = []
  collect(live, merged, [], changes)
  return JSON.stringify([ref.apiVersion, ref.kind, ref.namespace ?? '', changes])
}

/** Fields of `metadata` that the API server updates with every change. */
const serverFields = new Set(['managedFields', 'resourceVersion', 'generation'])

function collect(before: unknown, after: unknown, path: string[], into: [string[], unknown, unknown][]): void {
  if (isDeepStrictEqual(before, after)) return
  if (!isMap(before) || !isMap(after)) {
    into.push([path, before ?? null, after ?? null])
    return
  }
  for (const key of [...new Set([...Object.keys(before), ...Object.keys(after)])].sort())
    if (!(path.at(-1) === 'metadata' && path.length === 1 && serverFields.has(key)))
      collect(before[key], after[key], [...path, key], into)
}
