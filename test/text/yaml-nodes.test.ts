import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {escapeForTerminal} from '../../src/text/escape-terminal.ts'
import {dumpYaml, loadYaml} from '../../src/text/yaml.ts'
import {childOf, formatNode, mergeNodes, nodeOf, parseNode, withValue, type YamlMap} from '../../src/text/yaml-nodes.ts'
import {oddText} from '../support/odd.ts'

const mapOf = (text: string) => parseNode(text) as YamlMap

describe('a text that is parsed and written', () => {
  test('keeps numbers, quotes and texts as they were', () => {
    const text = `big: 9223372036854775807
octal: 0755
float: 1.0
quoted: "yes"
infinite: 1e999
date: 2001-01-01
block: |
  x
   y
bytes: !!binary aGk=
none: ~
list:
- a
- b: 1
`
    expect(formatNode(parseNode(text))).toBe(text)
  })

  test('JSON stays JSON', () => {
    expect(formatNode(parseNode('{"a": [1, {"b": "c"}]}'))).toBe('{"a": [1, {"b": "c"}]}\n')
  })

  test('aliases and merge keys are values', () => {
    const text = 'a: &x {k: &y [1]}\nb: *x\nc: *y\nd: {<<: *x, z: 1}\n'
    const written = formatNode(parseNode(text))
    expect(written).not.toMatch(/[&*]/)
    expect(loadYaml(written)).toEqual(loadYaml(text))
  })

  test('any value is read back, and has no character that a terminal could act on', () => {
    fc.assert(
      fc.property(oddText, fc.jsonValue({maxDepth: 2}), (text, other) => {
        const value = {[text]: text, list: [text, {other}]}
        for (const source of [dumpYaml(value), JSON.stringify(value)]) {
          const written = formatNode(parseNode(source))
          expect(loadYaml(written)).toEqual(loadYaml(source))
          expect(escapeForTerminal(written)).toBe(written)
        }
        expect(loadYaml(formatNode(nodeOf(value)))).toEqual(loadYaml(dumpYaml(value)))
      }),
      {numRuns: 300},
    )
  })

  test('an empty text, aliases that expand beyond the limits, loops and deep nesting are errors', () => {
    expect(() => parseNode('# nothing\n')).toThrow('empty')
    expect(parseNode('---\n')).toMatchObject({kind: 'scalar', value: ''})
    const levels = Array.from(
      {length: 12},
      (_, at) => `a${at}: &a${at} [${Array(10).fill(at === 0 ? 'x' : `*a${at - 1}`)}]`,
    )
    expect(() => parseNode(levels.join('\n'))).toThrow('aliases expand')
    expect(() => parseNode('a: &a [*a]')).toThrow(/alias/)
    expect(() => parseNode(`${'['.repeat(5000)}${']'.repeat(5000)}`)).toThrow()
  })
})

test('a key is found, replaced and added', () => {
  const map = mapOf('a: 1\nb: 2\n')
  expect(childOf(map, 'c')).toBeUndefined()
  expect(childOf(nodeOf('text'), 'a')).toBeUndefined()
  expect(formatNode(withValue(withValue(map, 'a', nodeOf('0x1')), '__proto__', nodeOf([])))).toBe(
    "a: '0x1'\nb: 2\n__proto__: []\n",
  )
})

test('two maps are merged; different values are reported with their path, and the first one stays', () => {
  const first = mapOf('a: {b: 1, list: [1, {c: d}]}\nkept: 9223372036854775807\n')
  const clashes: string[] = []
  const merged = mergeNodes(first, nodeOf({a: {list: [1, {c: 'd'}], more: true}, new: 'x'}), [], clashes)
  expect(formatNode(merged)).toBe('a: {b: 1, list: [1, {c: d}], more: true}\nkept: 9223372036854775807\nnew: x\n')
  expect(clashes).toEqual([])
  mergeNodes(first, nodeOf({a: {b: '1', list: [1]}, kept: {}}), [], clashes)
  expect(clashes).toEqual(['a.b', 'a.list', 'kept'])
})
