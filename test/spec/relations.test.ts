import {describe, expect, test} from 'vitest'
import {choiceField, listField, type Schema, switchField, textField} from '../../src/spec/field.ts'
import {readSpec} from '../../src/spec/read.ts'
import {isSet, relationProblems, relationText} from '../../src/spec/relations.ts'

const fields = {
  mode: choiceField({flag: 'mode', about: 'mode', options: ['pair', 'hub', 'star'], fallback: 'pair'}),
  deep: switchField({flag: 'deep', about: 'deep', onlyWith: {mode: ['hub', 'star']}}),
  depth: textField({flag: 'depth', about: 'depth', onlyWith: {deep: [true]}, excludes: ['hosts']}),
  hosts: listField({flag: 'hosts', about: 'hosts'}),
  flat: switchField({flag: 'flat', about: 'flat', onlyWith: {deep: [false]}}),
} satisfies Schema

function messages(input: object): string[] {
  const spec = {mode: 'pair', deep: false, depth: undefined, hosts: [], flat: false, ...input}
  return relationProblems(fields, spec).map(({message, hints = []}) => `${message} | ${hints.join(' | ')}`)
}

test.each([
  [{}, []],
  [{mode: 'hub', deep: true}, []],
  [{deep: true}, ['--deep has an effect only with --mode hub or star | add --mode hub, or omit --deep']],
  [{depth: '3'}, ['--depth has an effect only with --deep | add --deep, or omit --depth']],
  [{mode: 'hub', deep: true, depth: '3', hosts: ['a']}, ['--depth conflicts with --hosts | omit one of them']],
  [
    {mode: 'star', deep: true, flat: true},
    ['--flat has an effect only with --no-deep | add --no-deep, or omit --flat'],
  ],
])('%j', (input, expected) => expect(messages(input)).toEqual(expected))

test('a relation to a field that a command does not offer is ignored', () => {
  const {deep} = fields
  expect(relationProblems({deep}, {deep: true})).toEqual([])
  expect(relationText(deep, {deep})).toBe('')
})

test.each([
  ['deep', 'only with --mode hub or star'],
  ['depth', 'only with --deep, not with --hosts'],
  ['hosts', ''],
] as const)('help of %s: %s', (name, text) => expect(relationText(fields[name], fields)).toBe(text))

describe('isSet', () => {
  test.each([
    ['hosts', [], false],
    ['hosts', ['a'], true],
    ['mode', 'pair', false],
    ['depth', undefined, false],
    ['depth', '', true],
  ] as const)('%s %j: %s', (name, value, expected) => expect(isSet(fields[name], value)).toBe(expected))
})

test('readSpec reports relations before cross-field validation', () => {
  const read = () => readSpec(fields, {deep: true}, () => [{message: 'later'}])
  expect(read).toThrow(
    expect.objectContaining({
      problems: [
        {
          message: '--deep has an effect only with --mode hub or star',
          hints: ['add --mode hub, or omit --deep'],
        },
        {message: 'later'},
      ],
    }),
  )
})
