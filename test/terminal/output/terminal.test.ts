import {PassThrough} from 'node:stream'
import {describe, expect, test} from 'vitest'
import {openTerminal} from '../../../src/terminal/output/terminal.ts'

const stream = (isTTY: boolean) => Object.assign(new PassThrough({encoding: 'utf8'}), {isTTY})
const source = (tty: {stdin?: boolean; stdout?: boolean; stderr?: boolean}, env = {}) => ({
  stdin: {isTTY: tty.stdin ?? false},
  stdout: stream(tty.stdout ?? false),
  stderr: stream(tty.stderr ?? false),
  env,
})

describe('interactive', () => {
  test.each([
    [{stdin: true, stderr: true}, false, true],
    [{stdin: true, stderr: true, stdout: false}, false, true],
    [{stdin: true, stderr: true}, true, false],
    [{stdin: true, stdout: true}, false, false],
    [{stdout: true, stderr: true}, false, false],
  ])('%j, --no-input %s: %s', (tty, noInput, interactive) =>
    expect(openTerminal({noInput}, source(tty)).interactive).toBe(interactive),
  )
})

test.each([
  [{CI: 'true'}, false],
  [{CI: '1'}, false],
  [{CI: 'false'}, true],
  [{CI: ''}, true],
  [{TERM: 'dumb'}, false],
  [{TERM: 'xterm'}, true],
])('with %j on a terminal, interactive: %s', (env, interactive) =>
  expect(openTerminal({}, source({stdin: true, stdout: true, stderr: true}, env)).interactive).toBe(interactive),
)

describe('color', () => {
  test.each([
    [{}, {stdout: true, stderr: false}],
    [{NO_COLOR: '1'}, {stdout: false, stderr: false}],
    [{NO_COLOR: ''}, {stdout: true, stderr: false}],
    [{TERM: 'dumb'}, {stdout: false, stderr: false}],
    [
      {FORCE_COLOR: '1', NO_COLOR: '1'},
      {stdout: true, stderr: true},
    ],
    [{FORCE_COLOR: ''}, {stdout: true, stderr: true}],
    [{FORCE_COLOR: '0'}, {stdout: false, stderr: false}],
  ])('%j with stdout on a terminal and stderr in a pipe', (env, color) =>
    expect(openTerminal({}, source({stdout: true}, env)).color).toEqual(color),
  )
})

test('adds missing newlines', () => {
  const {stdout, stderr} = source({})
  const terminal = openTerminal({}, {stdin: {}, stdout, stderr, env: {}})
  terminal.print('a')
  terminal.print('b\n')
  terminal.message('c')
  expect(stdout.read()).toBe('a\nb\n')
  expect(stderr.read()).toBe('c\n')
})
