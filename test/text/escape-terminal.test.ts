import fc from 'fast-check'
import {expect, test} from 'vitest'
import {escapeForTerminal, escapeLine} from '../../src/text/escape-terminal.ts'

test.each([
  ['plain text, line breaks and tabs', 'a\n\tb ü 😀', 'a\n\tb ü 😀'],
  ['Windows line breaks', 'a\r\nb', 'a\nb'],
  ['a colour', '\u001b[31mred', '\\u001b[31mred'],
  ['a change of the clipboard (OSC 52)', '\u001b]52;c;eA==\u0007', '\\u001b]52;c;eA==\\u0007'],
  ['an OSC that begins with a C1 code', '\u009d0;title\u009c', '\\u009d0;title\\u009c'],
  ['a return to the start of the line', 'denied\rallowed', 'denied\\u000dallowed'],
  ['characters that change the direction', 'a\u202eb\u2066c', 'a\\u202eb\\u2066c'],
  ['zero-width characters', 'a\u200bb\ufeffc\u00ad', 'a\\u200bb\\ufeffc\\u00ad'],
  ['invisible tags', 'a\u{e0041}b', 'a\\udb40\\udc41b'],
  ['half of a surrogate pair', 'a\ud800b', 'a\\ud800b'],
  ['line separators', 'a\u2028b\u0085c', 'a\\u2028b\\u0085c'],
])('%s', (_, text, expected) => expect(escapeForTerminal(text)).toBe(expected))

test('escapeLine escapes line breaks and tabs too', () =>
  expect(escapeLine('a\nb\tc\r\nd')).toBe('a\\nb\\tc\\u000d\\nd'))

test('escaped JSON is JSON of the same value', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string({unit: 'binary'}), (value, text) => {
      const json = JSON.stringify({value, text, [text]: 1}, null, 2)
      expect(JSON.parse(escapeForTerminal(json))).toEqual(JSON.parse(json))
    }),
  )
})
