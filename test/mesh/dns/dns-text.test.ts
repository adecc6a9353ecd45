import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {putDnsmasqPart, putStubDomain, removeDnsmasqPart, removeStubDomain} from '../../../src/mesh/dns/dns-text.ts'

describe('stubDomains of kube-dns', () => {
  const before = '{"acme.local": ["1.2.3.4"]}'

  test('the zone comes, changes and goes; other domains stay', () => {
    const put = putStubDomain(before, ['10.0.0.53'], [])
    expect(JSON.parse(put)).toEqual({'acme.local': ['1.2.3.4'], global: ['10.0.0.53']})
    expect(putStubDomain(put, ['10.0.0.53'], [])).toBe(put)
    const changed = putStubDomain(put, ['10.0.0.54'], ['10.0.0.53'])
    expect(JSON.parse(changed).global).toEqual(['10.0.0.54'])
    expect(JSON.parse(removeStubDomain(changed, ['10.0.0.54']))).toEqual(JSON.parse(before))
  })

  test('what others said for the zone is neither replaced nor removed', () => {
    const theirs = '{"global": ["9.9.9.9"]}'
    expect(() => putStubDomain(theirs, ['10.0.0.53'], ['10.0.0.52'])).toThrow(
      /forwards global to \["9.9.9.9"\] already/,
    )
    expect(removeStubDomain(theirs, ['10.0.0.53'])).toBe(theirs)
  })

  test.each(['[]', 'no json', '"text"'])('%s is told', text => {
    expect(() => putStubDomain(text, ['10.0.0.53'], [])).toThrow(/not a JSON map/)
  })

  test('there may be none yet', () => {
    expect(JSON.parse(putStubDomain('', ['10.0.0.53'], []))).toEqual({global: ['10.0.0.53']})
  })
})

describe('dnsmasq', () => {
  const names = new Map([
    ['b.ns.global', ['240.241.0.2']],
    ['a.ns.global', ['240.241.0.1']],
  ])
  const line = fc.constantFrom(
    '',
    'no-resolv',
    'server=10.0.0.1',
    '# a comment',
    'address=/example.org/1.2.3.4',
    'server=/my.global.org/9.9.9.9',
  )
  const config = fc
    .tuple(fc.array(line, {maxLength: 4}), fc.boolean())
    .map(([lines, ended]) => lines.join('\n') + (ended && lines.length > 0 ? '\n' : ''))

  test('the part', () => {
    expect(putDnsmasqPart('no-resolv\n', names)).toBe(`no-resolv
# written by kubectl mesh: what is changed from here on is lost on its next run
local=/global/
host-record=a.ns.global,240.241.0.1
host-record=b.ns.global,240.241.0.2
# end of what kubectl mesh wrote
`)
  })

  test('all else stays byte for byte', () => {
    fc.assert(
      fc.property(config, config, (text, more) => {
        const put = putDnsmasqPart(text, names)
        expect(putDnsmasqPart(put, names)).toBe(put)
        expect(removeDnsmasqPart(put)).toBe(text)
        expect(putDnsmasqPart(putDnsmasqPart(text, new Map()), names)).toBe(put)
        if (put.endsWith('\n')) expect(removeDnsmasqPart(put + more)).toBe(text + more)
        expect(removeDnsmasqPart(text)).toBe(text)
      }),
    )
  })

  test.each(['server=/global/10.0.0.1', ' local = /x.org/global/', 'address=/global/1.2.3.4'])(
    '%s of others is told',
    text => {
      expect(() => putDnsmasqPart(`no-resolv\n${text}\n`, names)).toThrow(/a line for global already/)
    },
  )
})
