import {expect, test} from 'vitest'
import {startsLine, tokenize} from '../../../../src/mesh/dns/corefile/tokens.ts'

test('words have their offsets and lines', () => {
  expect(tokenize('a "b\nc" # comment\n d')).toEqual([
    {text: 'a', at: 0, end: 1, line: 1, lastLine: 1},
    {text: 'b\nc', at: 2, end: 7, line: 1, lastLine: 2},
    {text: 'd', at: 19, end: 20, line: 3, lastLine: 3},
  ])
})

test('only the first word of a line starts it', () => {
  const tokens = tokenize('a b\nc')
  expect(tokens.map((_, at) => startsLine(tokens, at))).toEqual([true, false, true])
})

test('an open quote is an error with its line', () => {
  expect(() => tokenize('a\n"b')).toThrow('CoreDNS rejects the Corefile: line 2: a quote is not closed')
})
