import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {putStubDomain, removeStubDomain} from '../../../src/mesh/dns/kube-dns.ts'
import {jsonMap} from './samples.ts'

const one = ['10.0.0.53']
const other = ['10.0.0.54', '2001:db8::53']

describe('stubDomains of kube-dns', () => {
  const before = '{"acme.local": ["1.2.3.4"]}'

  test('the zone is set, changed and removed; other domains remain', () => {
    const put = putStubDomain(before, one, [])
    expect(put).toBe('{"acme.local": ["1.2.3.4"], "global": ["10.0.0.53"]}')
    expect(putStubDomain(put, one, [])).toBe(put)
    const changed = putStubDomain(put, ['10.0.0.54'], one)
    expect(JSON.parse(changed).global).toEqual(['10.0.0.54'])
    expect(removeStubDomain(changed, ['10.0.0.54'])).toBe(before)
  })

  test('the rest of the text remains byte for byte', () => {
    const text = fc.oneof(jsonMap, fc.constantFrom('{}', '{ }', '{\n}\n', '{\n  "a": []\n}', ' \n', '\t{}'))
    fc.assert(
      fc.property(text, original => {
        const put = putStubDomain(original, one, [])
        const parsed = original.trim() === '' ? {} : JSON.parse(original)
        expect(JSON.parse(put)).toEqual({...parsed, global: one})
        expect(putStubDomain(put, one, [])).toBe(put)
        const changed = putStubDomain(put, other, one)
        expect(JSON.parse(changed)).toEqual({...parsed, global: other})
        expect(removeStubDomain(put, one)).toBe(original)
        expect(removeStubDomain(changed, other)).toBe(original)
        expect(removeStubDomain(original, one)).toBe(original)
      }),
      {numRuns: 1000},
    )
  })

  test('the style of the map is kept', () => {
    expect(putStubDomain('{\n    "a": ["1.2.3.4"],\n    "b": []\n}\n', one, [])).toBe(
      '{\n    "a": ["1.2.3.4"],\n    "b": [],\n    "global": ["10.0.0.53"]\n}\n',
    )
  })

  test('a missing text is set, and removed again', () => {
    expect(JSON.parse(putStubDomain('', one, []))).toEqual({global: one})
    expect(removeStubDomain(putStubDomain('', one, []), one)).toBeUndefined()
  })

  test('entries that were added after ours remain, and so does a text of version 0.1.0', () => {
    expect(removeStubDomain('{"global": ["10.0.0.53"], "b": []}', one)).toBe('{ "b": []}')
    expect(removeStubDomain(JSON.stringify({global: one}, null, 2), one)).toBeUndefined()
    expect(removeStubDomain(JSON.stringify({a: [], global: one}, null, 2), one)).toBe('{\n  "a": []\n}')
  })

  test('an entry that was not set by kubectl-mesh is neither replaced nor removed', () => {
    const theirs = '{"global": ["9.9.9.9"]}'
    expect(() => putStubDomain(theirs, one, ['10.0.0.52'])).toThrow(/already forwards global to \["9.9.9.9"\]/)
    expect(removeStubDomain(theirs, one)).toBe(theirs)
    const deep = `{"global": ${'['.repeat(100_000)}${']'.repeat(100_000)}}`
    expect(() => putStubDomain(deep, one, [])).toThrow(/already forwards global to \[{80}$/)
  })

  test.each([
    '{"Global": []}',
    '{"global.": []}',
    '{"global": [], "global": []}',
    '{"gl\\u006fbal": [], "global": []}',
  ])('rejects %s', text => {
    expect(() => putStubDomain(text, one, [])).toThrow(/for global; expected at most one, "global"/)
  })

  test.each(['[]', 'no json', '"text"', '\uFEFF{}', '\u00a0'])('rejects %j', text => {
    expect(() => putStubDomain(text, one, [])).toThrow(/not a JSON map/)
  })
})
