import fc from 'fast-check'
import {expect, test} from 'vitest'
import {formatTable} from '../../../src/terminal/output/table.ts'

test('headers in upper case, three spaces between columns, no trailing spaces', () =>
  expect(
    formatTable(
      ['cluster', 'root CA', 'gateway'],
      [
        ['east', '7c:1e ✔', ''],
        ['südwest-1', '', '203.0.113.12'],
      ],
    ),
  ).toBe(['CLUSTER     ROOT CA   GATEWAY', 'east        7c:1e ✔', 'südwest-1             203.0.113.12', ''].join('\n')))

test('headers that are names keep their case', () =>
  expect(formatTable(['holds', 'East'], [['east', '·']], {keepHeads: true})).toBe('holds   East\neast    ·\n'))

test('a table without rows, and with short rows', () => {
  expect(formatTable(['a', 'b'], [])).toBe('A   B\n')
  expect(formatTable(['a', 'b', 'c'], [['x'], ['y', 'z']])).toBe('A   B   C\nx\ny   z\n')
})

test('columns are aligned by character, also outside the Basic Multilingual Plane', () => {
  const cell = fc.string({unit: fc.constantFrom('a', 'ü', '✔', '😀', '–'), minLength: 1, maxLength: 6})
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell, cell), {minLength: 1, maxLength: 5}), rows => {
      const lines = formatTable(['a', 'b', 'c'], rows)
        .split('\n')
        .slice(0, -1)
        .map(line => [...line])
      const second = lines[0]!.indexOf('B')
      const third = lines[0]!.indexOf('C')
      expect(second).toBe(Math.max(...rows.map(([first]) => [...first].length)) + 3)
      for (const [at, row] of rows.entries()) {
        const line = lines[at + 1]!
        expect(line.slice(second).join('').startsWith(row[1])).toBe(true)
        expect(line.slice(third).join('')).toBe(row[2])
        expect(line.slice(second - 3, second).join('')).toBe('   ')
      }
    }),
  )
})
