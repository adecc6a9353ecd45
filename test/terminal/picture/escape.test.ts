import {describe, expect, test} from 'vitest'
import {escapeMarkup, shorten} from '../../../src/terminal/picture/escape.ts'

test('XML', () => {
  expect(escapeMarkup(`<a b="c" d='e'>&\`\n\0\uFFFF`)).toBe(
    '&#60;a b=&#34;c&#34; d=&#39;e&#39;&#62;&#38;&#96;\\n\\u0000\uFFFD',
  )
})

describe('shorten', () => {
  test.each([
    ['abc', 3, 'abc'],
    ['abcd', 3, 'ab…'],
    ['😀😀😀😀', 3, '😀😀…'],
    ['a\nbc', 4, 'a\\n…'],
  ])('%j to %i', (text, most, short) => expect(shorten(text, most)).toBe(short))
})
