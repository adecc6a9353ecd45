import {PassThrough, Readable} from 'node:stream'
import {describe, expect, test} from 'vitest'
import {asciiMarks, asciiStream, hasUtf8} from '../../../src/terminal/output/ascii.ts'
import {openTerminal} from '../../../src/terminal/output/terminal.ts'

test.each([
  [{}, false],
  [{LANG: 'C'}, false],
  [{LANG: 'POSIX'}, false],
  [{LANG: 'de_DE.ISO-8859-1'}, false],
  [{LANG: 'de_DE.UTF-8'}, true],
  [{LANG: 'C.utf8'}, true],
  [{LANG: 'de_DE.UTF-8', LC_CTYPE: 'C'}, false],
  [{LANG: 'C', LC_CTYPE: 'C.UTF-8'}, true],
  [{LC_ALL: 'C', LC_CTYPE: 'C.UTF-8'}, false],
  [{LC_ALL: '', LANG: 'C.UTF-8'}, true],
])('%j has UTF-8: %s', (env, expected) => {
  expect(hasUtf8(env, 'linux')).toBe(expected)
  expect(hasUtf8(env, 'win32')).toBe(true)
})

test.each([
  ['✔ a  ✘ b  ‼ c', '+ a  x b  ! c'],
  ['1–65535 … →', '1-65535 ... ->'],
  ['┌─┐│═▶⠹', '+-+|->*'],
  ['❯ ◉ a ◯ b', '> (*) a ( ) b'],
  ['名前 é', '名前 é'],
])('%s becomes %s', (text, expected) => expect(asciiMarks(text)).toBe(expected))

test('a stream with ASCII marks is otherwise the same: others can pipe into it', async () => {
  const inner = Object.assign(new PassThrough({encoding: 'utf8'}), {isTTY: true, columns: 60})
  const stream = asciiStream(inner)
  expect(stream.columns).toBe(60)
  Readable.from(['✔ ', 'a\n']).pipe(stream)
  await new Promise(done => stream.on('finish', done))
  expect(inner.read()).toBe('+ a\n')
})

describe('a terminal', () => {
  const open = (isTTY: boolean, env: Record<string, string>, content?: 'text') => {
    const streams = () => Object.assign(new PassThrough({encoding: 'utf8'}), {isTTY})
    const source = {stdin: {isTTY}, stdout: streams(), stderr: streams(), env}
    const terminal = openTerminal({}, source)
    terminal.print('✔ a', content)
    terminal.print([{text: '✘ b'}], content)
    terminal.message('– c')
    return [source.stdout.read(), source.stderr.read()]
  }

  test('without UTF-8 shows ASCII', () =>
    expect(open(true, {LANG: 'C', NO_COLOR: '1'})).toEqual(['+ a\nx b\n', '- c\n']))

  test('with UTF-8 shows marks', () =>
    expect(open(true, {LANG: 'C.UTF-8', NO_COLOR: '1'})).toEqual(['✔ a\n✘ b\n', '– c\n']))

  test('data in a pipe has the same bytes in every locale; text and messages have ASCII marks', () => {
    expect(open(false, {LANG: 'C'})).toEqual(['✔ a\n✘ b\n', '- c\n'])
    expect(open(false, {LANG: 'C'}, 'text')).toEqual(['+ a\nx b\n', '- c\n'])
    expect(open(false, {LANG: 'C.UTF-8'}, 'text')).toEqual(['✔ a\n✘ b\n', '– c\n'])
  })
})
