import {execFileSync} from 'node:child_process'
import {expect, test} from 'vitest'
import {environmentProblem, formatEnvironment, kindOf} from '../../../../src/features/vm/bundle/environment.ts'

test.each([`A=1;touch\${IFS}/tmp/x;B`, 'C\ntouch /tmp/x\nD', '', '1A', 'A-B', 'A B', 'Ä', '$(id)'])(
  'rejects the key %j with exit code 3',
  key => {
    expect(environmentProblem('m', key, 'x')).toContain('is not a name of an environment variable')
    expect(() => formatEnvironment({[key]: 'x'})).toThrow(expect.objectContaining({exit: 3}))
  },
)

test.each([
  [['$(id)'], 'm.A is a list; expected text'],
  [{a: 'b'}, 'm.A is a map; expected text'],
  [null, 'm.A is null; expected text'],
  [1, 'm.A is a number; expected text'],
  ['a\0b', 'm.A contains a NUL character'],
  ['text', undefined],
])('value %j: %s', (value, problem) => expect(environmentProblem('m', 'A', value)).toBe(problem))

test('a shell that sources the text runs no value', () => {
  const value = `a b'c$(touch /nowhere/x)\n\`id\`"\\`
  const text = formatEnvironment({B: value, A: ''})
  expect(text.split('\n')[0]).toBe("A=''")
  expect(execFileSync('sh', ['-c', `${text}\nprintf %s "$B"`]).toString()).toBe(value)
})

test('names the kind of a value', () =>
  expect([undefined, [], {}, 'x', true].map(kindOf)).toEqual(['null', 'a list', 'a map', 'text', 'a boolean']))
