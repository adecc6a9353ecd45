import {describe, expect, test} from 'vitest'
import {putStubDomain, removeStubDomain} from '../../../src/mesh/dns/kube-dns.ts'

describe('stubDomains of kube-dns', () => {
  const before = '{"acme.local": ["1.2.3.4"]}'

  test('the zone is set, changed and removed; other domains remain', () => {
    const put = putStubDomain(before, ['10.0.0.53'], [])
    expect(JSON.parse(put)).toEqual({'acme.local': ['1.2.3.4'], global: ['10.0.0.53']})
    expect(putStubDomain(put, ['10.0.0.53'], [])).toBe(put)
    const changed = putStubDomain(put, ['10.0.0.54'], ['10.0.0.53'])
    expect(JSON.parse(changed).global).toEqual(['10.0.0.54'])
    expect(JSON.parse(removeStubDomain(changed, ['10.0.0.54']))).toEqual(JSON.parse(before))
  })

  test('an entry that was not set by kubectl-mesh is neither replaced nor removed', () => {
    const theirs = '{"global": ["9.9.9.9"]}'
    expect(() => putStubDomain(theirs, ['10.0.0.53'], ['10.0.0.52'])).toThrow(
      /already forwards global to \["9.9.9.9"\]/,
    )
    expect(removeStubDomain(theirs, ['10.0.0.53'])).toBe(theirs)
  })

  test.each(['[]', 'no json', '"text"'])('rejects %s', text => {
    expect(() => putStubDomain(text, ['10.0.0.53'], [])).toThrow(/not a JSON map/)
  })

  test('the key may be empty', () => {
    expect(JSON.parse(putStubDomain('', ['10.0.0.53'], []))).toEqual({global: ['10.0.0.53']})
  })
})
