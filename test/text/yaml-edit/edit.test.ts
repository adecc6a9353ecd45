import {describe, expect, test} from 'vitest'
import {putItemAt, readMapText, removeAt, removeItemAt, setAt} from '../../../src/text/yaml-edit/edit.ts'

const name = 'the text'

describe('setAt', () => {
  test.each<[string, string[], Parameters<typeof setAt>[2], string]>([
    ['a:   1 # one\n', ['a'], 2, 'a:   2 # one\n'],
    ["a: 'x'\nb: {c: 1}\n", ['b', 'c'], 'y: z', "a: 'x'\nb: {c: 'y: z'}\n"],
    ['a:\n  b: 1\n', ['a', 'c'], [1, 2], 'a:\n  b: 1\n  c:\n  - 1\n  - 2\n'],
    ['a:\n', ['a', 'b', 'c'], true, 'a:\n  b:\n    c: true\n'],
    ['a: 1\n', ['a'], 1, 'a: 1\n'],
    ['a: |\n  x\n  y\nb: 1\n', ['a'], 'z', 'a: z\nb: 1\n'],
    ['a:\n  b: 1\nc: 2\n', ['a'], 3, 'a: 3\nc: 2\n'],
  ])('%j, %j = %j', (text, path, value, expected) => expect(setAt(text, path, value, name)).toBe(expected))
})

describe('removeAt', () => {
  test.each([
    ['a: 1\nb: 2 # two\n# end\n', ['b'], 'a: 1\n# end\n'],
    ['a:\n  b:\n    c: 1\nd: 2\n', ['a', 'b', 'c'], 'd: 2\n'],
    ['a: {b: 1, c: 2}\n', ['a', 'b'], 'a: {c: 2}\n'],
    ['a: 1\n', ['x'], 'a: 1\n'],
  ])('%j without %j', (text, path, expected) => expect(removeAt(text, path, name)).toBe(expected))
})

describe('items with a name', () => {
  test('are appended, replaced and removed', () => {
    const before = 'list:\n- name: a # first\n'
    const added = putItemAt(before, ['list'], {name: 'b', port: 1}, name)
    expect(added).toBe('list:\n- name: a # first\n- name: b\n  port: 1\n')
    const replaced = putItemAt(added, ['list'], {name: 'b', port: 2}, name)
    expect(replaced).toBe('list:\n- name: a # first\n- name: b\n  port: 2\n')
    expect(removeItemAt(replaced, ['list'], 'b', name)).toBe(before)
    expect(removeItemAt(before, ['list'], 'b', name)).toBe(before)
  })
})

test.each([
  ['- a\n', 'the text is not a map'],
  ['a: [\n', 'the text is not valid YAML'],
  ['a: 5\n', 'the text: a is not a map'],
  ['x: &x {b: 1}\na: *x\n', 'the text: a is an alias (*)'],
])('%j is rejected with exit code 3', (text, message) => {
  expect(() => setAt(text, ['a', 'b'], 2, name)).toThrow(
    expect.objectContaining({exit: 3, message: expect.stringContaining(message)}),
  )
})

test('an empty text is an empty map', () => expect(readMapText('# nothing\n', name)).toEqual({}))
