import {expect, test} from 'vitest'
import {formatFindings} from '../../../src/terminal/output/marks.ts'

test('findings begin with the mark of their level and are followed by their hints', () => {
  expect(
    formatFindings([
      {check: 'a', level: 'error', message: 'east: old', hints: ['upgrade']},
      {check: 'b', level: 'warning', message: 'west: unusual'},
    ]),
  ).toBe('✘ east: old\n    hint: upgrade\n‼ west: unusual\n')
  expect(formatFindings([])).toBe('')
})
