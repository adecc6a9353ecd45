import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {FieldProblem, fileKeyOf, listField, mapField} from '../../src/spec/field.ts'
import {apiServerUrl, dnsLabel} from '../../src/spec/texts.ts'

const names = mapField({flag: 'cluster-name', about: 'name', valueName: 'CTX=NAME', check: dnsLabel})
const servers = mapField({flag: 'server', about: 'address', valueName: 'CTX=URL', check: apiServerUrl})

describe('mapField', () => {
  test.each([
    ['east=a', {east: 'a'}],
    ['a=b=c', {'a=b': 'c'}],
    ['==c', {'=': 'c'}],
    ['my context=a', {'my context': 'a'}],
    ['__proto__=a', JSON.parse('{"__proto__": "a"}')],
  ])('%s', (pair, expected) => {
    const value = names.parse([pair])
    expect(Object.entries(value)).toEqual(Object.entries(expected))
  })

  test.each([
    ['a=https://h:1/x', {a: 'https://h:1/x'}],
    ['a=b=https://h', {'a=b': 'https://h'}],
    ['arn:aws:eks:eu-1:1:cluster/p=https://h', {'arn:aws:eks:eu-1:1:cluster/p': 'https://h'}],
  ])('%s', (pair, expected) => expect(servers.parse(pair)).toEqual(expected))

  test.each([
    ['east', 'east is not CTX=NAME'],
    ['=a', '=a is not CTX=NAME'],
    ['', ' is not CTX=NAME'],
    ['east=', ' is not a DNS label'],
    ['east=A', 'A is not a DNS label'],
    ['east=a=B', 'a=B is not a DNS label'],
  ])('refuses %j', (pair, message) => expect(() => names.parse([pair])).toThrow(message))

  test('a key twice: the same value is fine, another is not', () => {
    expect(names.parse(['east=a', 'east=a'])).toEqual({east: 'a'})
    expect(() => names.parse(['east=a', 'east=b'])).toThrow(new FieldProblem('sets east twice'))
  })
})

describe('listField', () => {
  const list = listField({flag: 'x', about: 'x', check: dnsLabel})
  test.each([
    [
      ['a', 'b'],
      ['a', 'b'],
    ],
    [
      ['a,b', 'c'],
      ['a', 'b', 'c'],
    ],
    [' a , b,', ['a', 'b']],
    [['', ','], []],
    [7, ['7']],
  ])('%j: %j', (raw, expected) => expect(list.parse(raw)).toEqual(expected))
  test.each([[{a: 'b'}], [[['a']]], [true], ['A']])('refuses %j', raw =>
    expect(() => list.parse(raw)).toThrow(FieldProblem),
  )
})

test.each([
  ['contexts', 'contexts'],
  ['mesh-id', 'meshId'],
  ['gateway-service-type', 'gatewayServiceType'],
])('--%s is %s in a file', (flag, key) => expect(fileKeyOf({flag})).toBe(key))

test('no raw value makes a field throw anything but a FieldProblem', () => {
  fc.assert(
    fc.property(fc.jsonValue(), raw => {
      fc.pre(raw !== null)
      for (const field of [names, servers, listField({flag: 'x', about: 'x', check: dnsLabel})])
        try {
          field.parse(raw as string)
        } catch (error) {
          expect(error).toBeInstanceOf(FieldProblem)
        }
    }),
  )
})
