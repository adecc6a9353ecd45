import {expect, test} from 'vitest'
import {checkUnbraced, endOfServer, endOfSnippet} from '../../../../src/mesh/dns/corefile/directives.ts'
import {tokenize} from '../../../../src/mesh/dns/corefile/tokens.ts'

const nested = tokenize('{\n a {\n  b\n }\n c\n}\nnext')

test('finds the closing brace of a block', () => {
  expect(nested[endOfServer(nested, 1)]).toMatchObject({text: '}', line: 6})
  expect(nested[endOfSnippet(nested, 0)]).toMatchObject({text: '}', line: 6})
})

test.each([
  ['{\n a {\n', /line 2: a closing brace is missing/],
  ['{\n a }\n', /line 2: a closing brace has no opening brace/],
])('rejects %j', (text, message) => {
  expect(() => endOfServer(tokenize(text), 1)).toThrow(message)
})

test('a snippet needs a closing brace', () => {
  expect(() => endOfSnippet(tokenize('{\n a {\n }'), 0)).toThrow(/a closing brace is missing/)
})

test('a server without braces must not contain a closing brace', () => {
  expect(() => checkUnbraced(tokenize('errors\nlog'), 0)).not.toThrow()
  expect(() => checkUnbraced(tokenize('errors\n}'), 0)).toThrow(/line 2: a closing brace has no opening brace/)
})

test('blocks can be nested 100 levels deep, and no deeper', () => {
  const nestedTo = (depth: number) => tokenize(`${'{ a '.repeat(depth)}${'}\n'.repeat(depth)}`)
  expect(() => endOfSnippet(nestedTo(100), 0)).not.toThrow()
  expect(() => endOfSnippet(nestedTo(101), 0)).toThrow(
    /^line 1 of the Corefile: blocks are nested more than 100 levels/,
  )
  expect(() => endOfServer(tokenize(`a ${'{ '.repeat(200_000)}`), 0)).toThrow(/nested more than 100 levels/)
})
