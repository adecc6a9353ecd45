import {expect, test} from 'vitest'
import {formatRows, section, wrap} from '../../../src/terminal/help/layout.ts'

const view = {columns: 40, bold: false}

test('a section has a heading, which may be bold, and an indented text', () => {
  expect(section('USAGE', 'a\n\nb', view)).toBe('USAGE\n  a\n\n  b')
  expect(section('USAGE', 'a', {...view, bold: true})).toBe('\u001b[1mUSAGE\u001b[22m\n  a')
})

test('wrapping leaves space for the indentation', () =>
  expect(wrap(`${'a'.repeat(20)} ${'b'.repeat(17)}\n${'c'.repeat(20)} ${'d'.repeat(18)}`, view).split('\n')).toEqual([
    `${'a'.repeat(20)} ${'b'.repeat(17)}`,
    'c'.repeat(20),
    'd'.repeat(18),
  ]))

test('rows have two columns', () =>
  expect(
    formatRows(
      [
        ['a', 'the first of the letters of the alphabet'],
        ['long', ''],
      ],
      view,
    ),
  ).toBe('a     the first of the letters of the\n      alphabet\nlong'))

test('rows stand below each other where the right column would have more than five lines', () => {
  const rows = [
    ['a-name-of-thirty-characters-xxx', 'one two six ten'],
    ['b', 'other'],
  ] as const
  expect(formatRows(rows, {columns: 47, bold: false})).toMatch(/^a-name-of-thirty-characters-xxx {2}one two six\n/)
  expect(formatRows([[rows[0][0], 'one two six ten '.repeat(5).trim()], rows[1]], view)).toBe(
    [
      'a-name-of-thirty-characters-xxx',
      '    one two six ten one two six ten one',
      '    two six ten one two six ten one two',
      '    six ten',
      '',
      'b',
      '    other',
    ].join('\n'),
  )
})
