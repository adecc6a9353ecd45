import {expect, test} from 'vitest'
import {
  distributeField,
  formatDistribution,
  overlapProblems,
} from '../../../../src/features/locality/balance/spec-distribute.ts'
import type {Raw} from '../../../../src/spec/field.ts'

test.each<[Exclude<Raw, undefined | null>, string]>([
  [['a=a:50,b:40'], 'a: the weights add up to 90; expected 100'],
  [['a=a:0,b:100'], 'a: a:0 is not a weight from 1 to 100'],
  [['a=a:1.5,b:98.5'], 'is not a weight from 1 to 100'],
  [['a=a:50,a:50'], 'a: a is listed twice'],
  [['a'], 'is not FROM=TO:WEIGHT'],
  [['a=b=c'], 'is not FROM=TO:WEIGHT'],
  [['a=b'], 'a=b: b is not TO:WEIGHT'],
  [['*/z=a:100'], '(the last part may be *)'],
  [['a=a/b/c/d:100'], 'a: a/b/c/d is not REGION'],
  [{a: 'b'}, 'a is not a map of localities'],
])('%j: %s', (raw, problem) => {
  expect(() => distributeField.parse(raw)).toThrow(problem)
})

test('a distribution is formatted as the flag accepts it', () => {
  const distribution = {from: 'a/*', to: {'a/*': 80, b: 20}}
  expect(distributeField.parse([formatDistribution(distribution)])).toEqual([distribution])
})

test.each([
  [['a', 'b'], 0],
  [['a/x', 'a/y'], 0],
  [['a', 'ab'], 0],
  [['a', 'a/x'], 1],
  [['a/x/*', 'a'], 1],
  [['*', 'a', 'b'], 2],
])('%j: %i overlaps', (localities, overlaps) => {
  expect(overlapProblems(localities)).toHaveLength(overlaps)
})
