import {expect, test} from 'vitest'
import {reflow, sentence, table} from '../../scripts/markdown.ts'

test('cells may contain | and line breaks', () =>
  expect(table(['a', 'b'], [['x|y', 'one\ntwo']])).toBe('| a | b |\n|---|---|\n| x\\|y | one two |'))

test.each([
  ['add a tenant', 'Add a tenant.'],
  ['Done!', 'Done!'],
  ['', '.'],
])('%j as a sentence', (text, expected) => expect(sentence(text)).toBe(expected))

test('lines of a paragraph are joined, indented lines are not', () =>
  expect(reflow('a\nb\n\n  c\n  d\n')).toBe('a b\n\n  c\n  d'))
