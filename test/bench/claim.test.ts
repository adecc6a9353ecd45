import {expect, test} from 'vitest'
import {type Claim, formatClaims, formatTime, isMet, median} from '../../bench/claim.ts'

const claim: Claim = {
  what: 'apply',
  ours: '1 ms',
  theirs: '9 ms',
  value: 9,
  bound: 10,
  is: 'at least',
  unit: '× faster',
}

test('median', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 3, 2])).toBe(2.5)
  expect(median([7])).toBe(7)
})

test('formatTime', () => expect([0.5, 23.4, 1400].map(formatTime)).toEqual(['0.50 ms', '23 ms', '1.40 s']))

test('isMet and formatClaims', () => {
  expect([9, 10, 11].map(value => isMet({...claim, value}))).toEqual([false, true, true])
  expect([9, 10, 11].map(value => isMet({...claim, value, is: 'at most'}))).toEqual([true, true, false])
  expect(formatClaims([claim]).split('\n')[2]).toBe(
    '| apply | 1 ms | 9 ms | 9.00 × faster | ≥ 10 × faster | **not met** |',
  )
  expect(formatClaims([{...claim, value: 9.996, is: 'at most'}]).split('\n')[2]).toContain('| ≤ 10 × faster | met |')
})
