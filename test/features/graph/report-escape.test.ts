import {describe, expect, test} from 'vitest'
import {escapeDot, escapeMermaid, escapeXml, shorten} from '../../../src/features/graph/report-escape.ts'

test('XML', () => {
  expect(escapeXml(`<a b="c" d='e'>&\`\n\0\uFFFF`)).toBe(
    '&#60;a b=&#34;c&#34; d=&#39;e&#39;&#62;&#38;&#96;\\n\\u0000\uFFFD',
  )
})

test('Mermaid', () => {
  expect(escapeMermaid('é 1.2:3/4_5-6…"]<b>#;%%{init\n')).toBe(
    'é 1.2:3/4_5-6…#34;#93;#60;b#62;#35;#59;#37;#37;#123;init#92;n',
  )
})

test('Graphviz', () => {
  expect(escapeDot('a"b\\N\\"&amp;\n')).toBe('a\\"b\\\\N\\\\\\"&amp;amp;\\\\n')
})

describe('shorten', () => {
  test.each([
    ['abc', 3, 'abc'],
    ['abcd', 3, 'ab…'],
    ['😀😀😀😀', 3, '😀😀…'],
    ['a\nbc', 4, 'a\\n…'],
  ])('%j to %i', (text, most, short) => expect(shorten(text, most)).toBe(short))
})
