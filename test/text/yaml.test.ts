import fc from 'fast-check'
import {CORE_SCHEMA, load, loadAll, YAML11_SCHEMA} from 'js-yaml'
import {describe, expect, test} from 'vitest'
import {parse} from 'yaml'
import {escapeForTerminal} from '../../src/text/escape-terminal.ts'
import {dumpYaml, inKeyOrder, loadAllYaml, loadTexts, loadYaml, parseYaml} from '../../src/text/yaml.ts'
import {oddText} from '../support/odd.ts'

/** The value in YAML 1.1, which kubectl reads, and in YAML 1.2. */
const readings = (text: string) => [YAML11_SCHEMA, CORE_SCHEMA].map(schema => load(text, {schema}))

describe('dumpYaml', () => {
  test('any string is read back unchanged, as a value, an item and a key', () => {
    fc.assert(
      fc.property(oddText, fc.jsonValue({maxDepth: 2}), (text, other) => {
        const object = {
          value: text,
          items: [text, [text]],
          keys: {[text]: other, nested: {[text]: text}},
          after: 'end',
          [text]: text,
        }
        expect(readings(dumpYaml(object))).toEqual([object, object])
      }),
      {numRuns: 500},
    )
  })

  test.each(['.', '+.', 'e5', '-E10', '.e5', '1e999', `0xf${'0'.repeat(300)}`, '2001-1-1'])(
    'the string %s is one for the package yaml too, which reads it as a number or date in YAML 1.1',
    text => {
      const object = {value: text, [text]: 'key'}
      expect(parse(`a: ${text}\n`, {version: '1.1'}).a).not.toBe(text)
      for (const version of ['1.1', '1.2'] as const) expect(parse(dumpYaml(object), {version})).toEqual(object)
    },
  )

  test('no string begins or ends a document, as a value or a key', () => {
    fc.assert(
      fc.property(oddText, text => {
        const stream = `---\n${dumpYaml({text, [text]: 1})}---\n${dumpYaml({after: text, [text]: `${text}\n${text}`})}`
        expect(loadAll(stream)).toEqual([
          {text, [text]: 1},
          {after: text, [text]: `${text}\n${text}`},
        ])
      }),
    )
  })

  test('writes no anchors and no folded lines', () => {
    const shared = {a: 'word '.repeat(60).trim()}
    expect(dumpYaml({one: shared, two: shared})).toBe(`one:\n  a: ${shared.a}\ntwo:\n  a: ${shared.a}\n`)
  })
})

test('dumpYaml writes no character that a terminal could act on, and YAML 1.1 and 1.2 read the same value', () => {
  const text = fc.oneof(oddText, fc.string({unit: 'binary'}))
  fc.assert(
    fc.property(text, text, (one, other) => {
      const object = {[one]: `${other}\n${one}`, list: [other], map: {[other]: one}}
      fc.pre(JSON.stringify(object).isWellFormed())
      const yaml = dumpYaml(object)
      expect(escapeForTerminal(yaml)).toBe(yaml)
      expect(readings(yaml)).toEqual([object, object])
    }),
  )
  expect(dumpYaml({a: 'x\u202ey\u{e0001}'})).toBe('a: "x\\u202ey\\U000e0001"\n')
})

describe('limits', () => {
  const bomb = Array.from({length: 9}, (_, at) => `a${at}: &a${at} [${Array(9).fill(at === 0 ? 'x' : `*a${at - 1}`)}]`)
  test.each([
    ['aliases of aliases', bomb.join('\n'), /aliases expand to more than 1000000 values/],
    ['an alias that contains itself', 'a: &a [*a]', /alias/],
    ['deep nesting', '['.repeat(100_000), /nesting exceeded maxDepth \(100\)/],
    ['a long text', `a: ${'x'.repeat(17_000_000)}`, /the limit is 16777216/],
  ])('%s', (_, text, message) => {
    for (const parse of [loadYaml, loadTexts, loadAllYaml]) expect(() => parse(text)).toThrow(message)
  })

  test('many aliases of small values are no problem', () =>
    expect(loadYaml(`a: &a {b: 1}\nc: [${Array(10_000).fill('*a')}]`)).toMatchObject({a: {b: 1}}))
})

test('parseYaml: what loadYaml reads, and undefined for any other text', () => {
  expect(parseYaml('a: y')).toEqual({a: true})
  expect(parseYaml('null')).toBeNull()
  for (const text of ['', 'a: [', '<<<<<<< HEAD\na: 1\n=======', 'a: 1\n---\nb: 2'])
    expect(parseYaml(text)).toBeUndefined()
})

describe('loadYaml', () => {
  test('reads YAML 1.1, as kubectl does', () =>
    expect(loadYaml('a: y\nb: 0755\nbase: &base {c: 1}\nd:\n  <<: *base\n')).toMatchObject({
      a: true,
      b: 0o755,
      d: {c: 1},
    }))

  test('reads all documents except empty ones', () =>
    expect(loadAllYaml('---\n---\na: 1\n---\n# nothing\n---\nb: 2\n')).toEqual([{a: 1}, {b: 2}]))
})

test.each(['y', 'no', 'on', '0755', '1e3', '12:30', '1_000', '2001-12-14', '1.30', '0x1F', '.inf', 'True1'])(
  'loadTexts: %s is a string',
  text => expect(loadTexts(`a: ${text}\n${text}: b`)).toEqual({a: text, [text]: 'b'}),
)

test('loadTexts: true, false and null are not strings', () =>
  expect(loadTexts('[true, false, null, ~, "true"]')).toEqual([true, false, null, null, 'true']))

describe('inKeyOrder', () => {
  test('apiVersion, kind and metadata are first, other keys are sorted at each level, and lists keep their order', () => {
    const object = {
      b: [2, 1, {d: 1, c: 2}],
      metadata: {namespace: 'ns', name: 'x'},
      kind: 'K',
      a: undefined,
      apiVersion: 'v1',
    }
    expect(dumpYaml(inKeyOrder(object))).toBe(
      'apiVersion: v1\nkind: K\nmetadata:\n  name: x\n  namespace: ns\nb:\n- 2\n- 1\n- c: 2\n  d: 1\n',
    )
  })

  test('the order of the keys does not change the output', () => {
    const value = fc.dictionary(oddText, fc.oneof(oddText, fc.dictionary(oddText, fc.integer())))
    fc.assert(
      fc.property(value, data => {
        const base = {apiVersion: 'v1', kind: 'K', metadata: {name: 'x'}}
        const other = Object.fromEntries(Object.entries(data).reverse())
        expect(dumpYaml(inKeyOrder({...base, data}))).toBe(dumpYaml(inKeyOrder({data: other, ...base})))
      }),
    )
  })
})
