import {describe, expect, test} from 'vitest'
import {ApiError, UnreachableError} from '../../src/engine/cluster/errors.ts'
import {MeshError, usageError} from '../../src/errors.ts'
import {failureOf, failureText} from '../../src/terminal/failure.ts'

const textOf = (error: unknown, verbosity = 0, command: string | undefined = 'tenant add') =>
  failureText(failureOf(error, command), verbosity)
const oclifError = (message: string, more: object = {}) =>
  Object.assign(new Error(message), {oclif: {exit: 2}, ...more})

describe('exit codes', () => {
  test.each([
    [usageError('x'), 2],
    [new MeshError({message: 'x'}, 4), 4],
    [new ApiError(403, 'Forbidden', 'x'), 3],
    [new UnreachableError('east', 'x'), 3],
    [new TypeError('x'), 3],
    ['a text', 3],
    [undefined, 3],
    [oclifError('x'), 2],
    [Object.assign(new Error('broken install'), {oclif: {exit: 1}}), 3],
    [Object.assign(new Error('x'), {name: 'ExitPromptError'}), 130],
  ])('%s: %i', (error, exit) => expect(failureOf(error, undefined).exit).toBe(exit))
})

describe('text', () => {
  test('all problems with their hints', () => {
    const error = new MeshError([{message: 'east: a', hints: ['b', 'c']}, {message: 'west: d'}], 3)
    expect(textOf(error)).toBe('error: east: a\nhint:  b\nhint:  c\nerror: west: d\n')
  })

  test('further lines are indented, and control characters are escaped', () => {
    expect(textOf(usageError('one\nerror: two \u001b[31mred\u0007', 'a\u202eb\rc'))).toBe(
      'error: one\n       error: two \\u001b[31mred\\u0007\nhint:  a\\u202eb\\u000dc\n',
    )
  })

  test('the stack is printed only with -v=6, and never for invalid usage', () => {
    const error = new TypeError('x is undefined')
    expect(textOf(error)).toBe(
      'error: unexpected: x is undefined\nhint:  run the command again with -v=6 to see the stack trace\n',
    )
    expect(textOf(error, 5)).not.toContain('failure.test.ts')
    expect(textOf(error, 6)).toContain('failure.test.ts')
    expect(textOf(oclifError('x'), 9)).not.toContain('failure.test.ts')
  })

  test('errors of servers and of the operating system are not reported as unexpected', () => {
    expect(textOf(new ApiError(403, 'Forbidden', 'secrets is forbidden'))).toBe('error: secrets is forbidden\n')
    expect(textOf(Object.assign(new Error('ENOENT: no such file'), {syscall: 'open'}))).toBe(
      'error: ENOENT: no such file\n',
    )
    const error = Object.assign(new Error("EACCES: permission denied, open '/a'"), {code: 'EACCES', path: '/a'})
    expect(textOf(Object.assign(error, {syscall: 'open'}))).toBe('error: /a: permission denied\n')
  })

  test('problems with the same hint share it', () => {
    const problem = (message: string, hint: string) => ({message, hints: [hint]})
    const all = [problem('a', 'x'), problem('b', 'x'), problem('c', 'y'), problem('d', 'x')]
    expect(textOf(new MeshError(all, 2))).toBe('error: a\nerror: b\nhint:  x\nerror: c\nhint:  y\nerror: d\nhint:  x\n')
  })
})

describe("oclif's errors are one line per problem", () => {
  const hint = 'hint:  kubectl mesh tenant add --help\n'
  test.each([
    ['Flag --v expects a value', 'error: --v expects a value\n'],
    [
      'Expected --output=xml to be one of: yaml, json\nSee more help with --help',
      'error: --output=xml is not one of yaml, json\n',
    ],
    [
      'Parsing --v \n\tExpected an integer but received: x\nSee more help with --help',
      'error: --v: Expected an integer but received: x\n',
    ],
    [
      'The following errors occurred:\n  \u001b[2mMissing required flag a\n  Missing required flag b\u001b[22m\nSee more help with --help',
      'error: Missing required flag a\nerror: Missing required flag b\n',
    ],
  ])('%j', (message, text) => expect(textOf(oclifError(message))).toBe(text + hint))

  test('arguments', () => {
    expect(textOf(oclifError('…', {args: ['x', 'y']}))).toBe(
      `error: unexpected argument x\nerror: unexpected argument y\n${hint}`,
    )
    const missing = [
      {name: 'name', description: 'name of the tenant'},
      {name: 'mode', options: ['a', 'b']},
      {name: 'more'},
    ]
    expect(textOf(oclifError('…', {args: missing}))).toBe(
      `error: NAME is missing: name of the tenant\nerror: MODE is missing: one of a, b\nerror: MORE is missing\n${hint}`,
    )
  })

  test('any error of a flag parser is invalid usage', () => {
    const error = new Error('Parsing --file \n\tNo file found at x\nSee more help with --help')
    expect(failureOf(error, 'check')).toMatchObject({exit: 2, problems: [{message: '--file: No file found at x'}]})
  })
})
