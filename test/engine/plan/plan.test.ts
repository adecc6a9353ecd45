import {expect, test} from 'vitest'
import type {ClusterPlan, Step, Verdict} from '../../../src/engine/plan/plan.ts'
import {conflictsOf, countVerdicts, hasDifferences} from '../../../src/engine/plan/plan.ts'

const ref = {apiVersion: 'v1', kind: 'ConfigMap', name: 'x'}
function plan(cluster: string, ...verdicts: Verdict[]): ClusterPlan {
  const steps = verdicts.map(
    (verdict): Step => ({
      change: {action: 'remove', cluster, wave: 10, target: ref},
      ref,
      verdict,
      live: undefined,
      merged: undefined,
      ...(verdict === 'conflict' ? {problem: {message: `${cluster}: conflict`}} : {}),
    }),
  )
  return {cluster, steps}
}

test('countVerdicts counts each verdict', () =>
  expect(countVerdicts(plan('east', 'create', 'update', 'update', 'remove').steps)).toEqual({
    create: 1,
    update: 2,
    unchanged: 0,
    remove: 1,
    conflict: 0,
  }))

test.each<[Verdict[], boolean]>([
  [[], false],
  [['unchanged'], false],
  [['unchanged', 'create'], true],
  [['remove'], true],
  [['conflict'], true],
])('hasDifferences of %j: %s', (verdicts, expected) => {
  expect(hasDifferences([plan('east'), plan('west', ...verdicts)])).toBe(expected)
})

test('conflictsOf returns the conflicts of all clusters', () =>
  expect(conflictsOf([plan('east', 'conflict', 'create'), plan('west', 'conflict')])).toEqual([
    {message: 'east: conflict'},
    {message: 'west: conflict'},
  ]))
