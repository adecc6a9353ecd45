import {expect, test} from 'vitest'
import {formatWarnings} from '../../../src/terminal/output/findings.ts'

test('warnings and hints have one line each', () => {
  expect(formatWarnings([{message: 'east: old', hints: ['upgrade', 'or not']}, {message: 'west: odd'}])).toEqual([
    'warning: east: old',
    'hint:  upgrade',
    'hint:  or not',
    'warning: west: odd',
  ])
  expect(formatWarnings([])).toEqual([])
})
