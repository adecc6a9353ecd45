import {expect, test} from 'vitest'
import {formatBar} from '../../../../src/features/locality/status/report-bar.ts'

test('a bar shows a share; the smallest share is not empty', () => {
  expect([formatBar(0, 5), formatBar(5, 5, 4), formatBar(2, 4, 4), formatBar(1, 1000, 4)]).toEqual([
    '',
    '████',
    '██',
    '▏',
  ])
})
