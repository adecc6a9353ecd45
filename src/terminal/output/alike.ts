import {isDeepStrictEqual} from 'node:util'
import type {Step} from '../../engine/plan/plan.ts'

/** A step, and those that do the same to other objects of its kind. */
export interface SimilarSteps {
  step: Step
  alike: Step[]
}

/** Fewer than this are shown one by one. */
const worthGrouping = 4

/**
 * Puts steps together that change the same values in the same way, so that a thousand labelled nodes are one part of a
 * diff. Only updates; each stands where the first of its group stood.
 */
export function groupSimilar(steps: readonly Step[]): SimilarSteps[] {
  const groups = new Map<unknown, Step[]>()
  for (const step of steps) {
    const key = step.verdict === 'update' ? keyOf(step) : step
    groups.set(key, [...(groups.get(key) ?? []), step])
  }
  return [...groups.values()].flatMap(group =>
    group.length < worthGrouping ? group.map(step => ({step, alike: []})) : [{step: group[0]!, alike: group.slice(1)}],
  )
}

/** The same for steps that differ in nothing but their object's name and what stays as it is. */
function keyOf({ref, live, merged}: Step): string {
  const changes: [string[], unknown, unknown][] = []
  collect(live, merged, [], changes)
  return JSON.stringify([ref.apiVersion, ref.kind, ref.namespace ?? '', changes])
}

/** What the server writes with every change. */
const bookkeeping = new Set(['managedFields', 'resourceVersion', 'generation'])

function collect(before: unknown, after: unknown, path: string[], into: [string[], unknown, unknown][]): void {
  if (isDeepStrictEqual(before, after)) return
  if (!isMap(before) || !isMap(after)) {
    into.push([path, before ?? null, after ?? null])
    return
  }
  for (const key of [...new Set([...Object.keys(before), ...Object.keys(after)])].sort())
    if (!(path.at(-1) === 'metadata' && path.length === 1 && bookkeeping.has(key)))
      collect(before[key], after[key], [...path, key], into)
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
