import {expect, test} from 'vitest'
import {parseLocality} from '../../../../src/features/locality/istio.ts'
import {failoverOf, sharesOf} from '../../../../src/features/locality/status/report-shares.ts'

const group = (text: string, count: number) => ({locality: parseLocality(text), labels: {}, count})
const served = (text: string, count: number, priority: number) => ({group: group(text, count), priority, why: ''})

test('without distribute, the endpoints of the first priority serve in proportion to their number', () => {
  const all = [served('r/a', 1, 0), served('r/b', 3, 0), served('q', 2, 1)]
  expect(sharesOf(all)).toEqual([
    {to: 'r/a', part: 0.25},
    {to: 'r/b', part: 0.75},
  ])
  expect(failoverOf(all)).toEqual(['q'])
})

test('with distribute, its shares count, whatever the number of endpoints', () => {
  const all = [
    {...served('r', 9, 0), share: 80},
    {...served('q', 1, 0), share: 20},
  ]
  expect(sharesOf(all).map(({part}) => part)).toEqual([0.8, 0.2])
  expect(failoverOf(all)).toEqual([])
})

test('no endpoints', () => {
  expect(sharesOf([])).toEqual([])
  expect(failoverOf([])).toEqual([])
})
