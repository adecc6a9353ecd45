import {expect, test} from 'vitest'
import {escapeDot, escapeMermaid} from '../../../src/features/graph/report-escape.ts'

test('Mermaid', () => {
  expect(escapeMermaid('é 1.2:3/4_5-6…"]<b>#;%%{init\n')).toBe(
    'é 1.2:3/4_5-6…#34;#93;#60;b#62;#35;#59;#37;#37;#123;init#92;n',
  )
})

test('Graphviz', () => {
  expect(escapeDot('a"b\\N\\"&amp;\n')).toBe('a\\"b\\\\N\\\\\\"&amp;amp;\\\\n')
})
