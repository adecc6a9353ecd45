import {describe, expect, test} from 'vitest'
import {MeshError} from '../../src/errors.ts'
import {choiceField, convertedField, listField, mapField, switchField, textField} from '../../src/spec/field.ts'
import {flagsFor, readSpec} from '../../src/spec/read.ts'
import {dnsLabel} from '../../src/spec/texts.ts'

const schema = {
  name: textField({flag: 'the-name', about: 'name', check: dnsLabel}),
  list: listField({flag: 'list', about: 'list'}),
  map: mapField({flag: 'map', about: 'map'}),
  on: switchField({flag: 'on', about: 'on', fallback: true}),
  kind: choiceField({flag: 'kind', about: 'kind', options: ['a', 'b'], fallback: 'a'}),
  hours: convertedField<number>({
    flag: 'hours',
    about: 'hours',
    convert: Number,
    fallback: 0,
    format: value => `${value}.0`,
  }),
}

describe('readSpec', () => {
  test('reports every invalid field at once, by flag, and stops there', () => {
    const read = () => readSpec(schema, {name: 'A', kind: 'c', list: ['fine']}, () => expect.unreachable('further'))
    expect(read).toThrow(MeshError)
    expect(read).toThrow(/^--the-name A is not a DNS label.*\n--kind c is not one of a, b$/)
  })

  test('cross-field validation comes after', () => {
    const read = () => readSpec(schema, {name: 'a'}, ({name}) => [{message: `${name} is taken`, hints: ['another']}])
    expect(read).toThrow('a is taken')
  })

  test('null counts as not set', () =>
    expect(readSpec(schema, {name: null, on: null})).toMatchObject({name: undefined, on: true}))

  test('an error that is not a FieldProblem is a bug and passes through unchanged', () => {
    const broken = {
      x: convertedField<string>({flag: 'x', about: 'x', fallback: '', convert: () => (null as never as {a: string}).a}),
    }
    expect(() => readSpec(broken, {x: 'a'})).toThrow(TypeError)
  })
})

test('flagsFor: only values other than the default, each as its flag accepts it', () => {
  const spec = readSpec(schema, {name: 'a', list: ['b', 'c'], map: ['d=e', 'f=g'], on: false, kind: 'b', hours: '2'})
  expect(flagsFor(schema, spec).join(' ')).toBe(
    '--the-name a --list b,c --map d=e --map f=g --no-on --kind b --hours 2.0',
  )
  expect(flagsFor(schema, readSpec(schema, {kind: 'a', on: true, list: []}))).toEqual([])
})
