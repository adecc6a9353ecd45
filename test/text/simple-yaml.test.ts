import fc from 'fast-check'
import {dump} from 'js-yaml'
import {expect, test} from 'vitest'
import {isSimple, writeSimpleYaml} from '../../src/text/simple-yaml.ts'
import {propertyRuns} from '../support/property-runs.ts'

const byJsYaml = (value: unknown) => dump(value, {noRefs: true, lineWidth: -1, seqNoIndent: true})

const texts = fc.oneof(
  fc.string(),
  fc.stringMatching(/^[\w./@=+:, *%#-]{1,12}$/),
  fc.constantFrom('', 'y', 'No', 'ON', 'null', '~', 'true', 'False', '0', '010', '0x1', '1e3', '12:30', '2026-01-01'),
  fc.constantFrom(
    '*',
    '*.local',
    '1Gi',
    '25%',
    '0m',
    '100m',
    '-1',
    '.5',
    '.inf',
    'a: b',
    'a #b',
    'a:',
    '- a',
    '---',
    '=',
  ),
)
const keys = fc.oneof({weight: 5, arbitrary: fc.stringMatching(/^[a-zA-Z/][\w./-]{0,8}$/)}, texts)
const {value: anything} = fc.letrec(tie => ({
  value: fc.oneof(
    {depthSize: 'medium', withCrossShrink: true},
    fc.oneof(texts, fc.integer(), fc.double(), fc.boolean(), fc.constant(null)),
    fc.array(tie('value'), {maxLength: 4}),
    fc.dictionary(keys, tie('value'), {maxKeys: 4}),
  ),
}))
const collections = anything.filter(value => typeof value === 'object' && value !== null)

test('writes the same text as js-yaml', () => {
  fc.assert(
    fc.property(collections, value => {
      fc.pre(isSimple(value))
      expect(`${writeSimpleYaml(value)}\n`).toBe(byJsYaml(value))
    }),
    {numRuns: propertyRuns(500), maxSkipsPerRun: 1000},
  )
})

test('writes every simple string as js-yaml does, as a value and as a key', () => {
  fc.assert(
    fc.property(texts, text => {
      for (const value of [{a: text}, [text], {[text]: 'b'}])
        if (isSimple(value)) expect(`${writeSimpleYaml(value)}\n`).toBe(byJsYaml(value))
    }),
    {numRuns: propertyRuns(2000)},
  )
})

test('leaves out keys with the value undefined', () => {
  const value = {a: undefined, b: {c: undefined}, d: 1}
  expect(isSimple(value)).toBe(true)
  expect(`${writeSimpleYaml(value)}\n`).toBe(byJsYaml(value))
})

test.each([new Date(0), [undefined], {a: 'two\nlines'}, {a: () => 1}, new Map([['a', 1]]), {a: -0}, {a: Number.NaN}])(
  'is not simple: %j',
  value => expect(isSimple(value)).toBe(false),
)
