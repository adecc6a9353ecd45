import {expect, test} from 'vitest'
import {formatWarnings} from '../../../src/terminal/output/findings.ts'

test('warnings and hints have one line each', () => {
  expect(formatWarnings([{message: 'east: old', hints: ['upgrade', 'or not']}, {message: 'west: odd'}])).toBe(
    'warning: east: old\nhint:  upgrade\nhint:  or not\nwarning: west: odd\n',
  )
  expect(formatWarnings([])).toBe('')
})
