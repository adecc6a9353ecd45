import fc from 'fast-check'
import {dump} from 'js-yaml'
import {describe, expect, test} from 'vitest'
import {loadTexts} from '../../../src/text/yaml.ts'
import {loadDocuments} from '../../../src/text/yaml-reading/documents.ts'

const text = `# comment
kind: A
spec:
  network:
    east: net-a
  list:
  - one
  - "two\\n"
  - {k: v}
---
---
kind: B
spec: {a: 1,
  b: [x, y]}
`

test('every document with its values and where it begins', () => {
  const documents = loadDocuments(text)
  expect(documents.map(({value}) => value)).toEqual([
    {kind: 'A', spec: {network: {east: 'net-a'}, list: ['one', 'two\n', {k: 'v'}]}},
    {kind: 'B', spec: {a: '1', b: ['x', 'y']}},
  ])
  expect(documents.map(({start}) => start)).toEqual([
    {line: 2, column: 1},
    {line: 12, column: 1},
  ])
})

describe('positions', () => {
  test.each([
    [0, ['kind'], 2, 1],
    [0, ['spec', 'network', 'east'], 5, 5],
    [0, ['spec', 'list', 1], 8, 6],
    [0, ['spec', 'list', 2, 'k'], 9, 6],
    [0, ['spec', 'missing', 'deeper'], 3, 1],
    [0, [], 2, 1],
    [1, ['spec', 'b', 1], 14, 10],
  ])('document %d %j', (document, path, line, column) =>
    expect(loadDocuments(text)[document]!.positionOf(path)).toEqual({line, column}),
  )

  test.each([
    ['CRLF', 'a: 1\r\nb: 2\r\n', ['b'], 2, 1],
    ['CR', 'a: 1\rb: 2\r', ['b'], 2, 1],
    ['an empty value', 'a:\nb:\n', ['b'], 2, 1],
    ['an alias', 'a: &x [1]\nb: *x\n', ['b'], 2, 1],
    ['an alias as a key', 'a: &x k\n*x : 1\nc: 2\n', ['c'], 3, 1],
  ])('%s', (_, source, path, line, column) =>
    expect(loadDocuments(source)[0]!.positionOf(path)).toEqual({line, column}),
  )
})

test('one document has the value that loadTexts reads', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.jsonValue({maxDepth: 4}).map(value => dump(value)),
        fc.string(),
      ),
      source => {
        let value: unknown
        try {
          value = loadTexts(source)
        } catch (error) {
          // Several documents, or none.
          if (!/document/.test(String(error))) expect(() => loadDocuments(source)).toThrow()
          return
        }
        expect(loadDocuments(source).map(document => document.value)).toEqual(
          value === null || value === undefined ? [] : [value],
        )
      },
    ),
  )
})

test('positions are inside the text, for any value', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue({maxDepth: 2})), value => {
      const source = dump(value)
      const lines = source.split('\n').length
      for (const {positionOf} of loadDocuments(source))
        for (const key of Object.keys(value)) {
          expect(positionOf([key]).line).toBeLessThanOrEqual(lines)
        }
    }),
  )
})

test('limits of one document hold for several', () => {
  const levels = Array.from(
    {length: 9},
    (_, at) => `a${at}: &a${at} [${Array(9).fill(at === 0 ? 'x' : `*a${at - 1}`)}]`,
  )
  expect(() => loadDocuments(`a: 1\n---\n${levels.join('\n')}\n`)).toThrow(/aliases expand/)
  expect(() => loadDocuments('['.repeat(1000))).toThrow(/maxDepth/)
})
