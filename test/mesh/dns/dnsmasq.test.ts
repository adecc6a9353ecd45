import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {putDnsmasqSection, removeDnsmasqSection} from '../../../src/mesh/dns/dnsmasq.ts'

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
    'x\r',
    '\u2028# written by kubectl mesh: what is changed from here on is lost on its next run',
    ' # end of what kubectl mesh wrote',
    '=',
  )
  const config = fc
    .tuple(fc.array(line, {maxLength: 4}), fc.boolean())
    .map(([lines, ended]) => lines.join('\n') + (ended && lines.length > 0 ? '\n' : ''))

  test('the section', () => {
    expect(putDnsmasqSection('no-resolv\n', names)).toBe(`no-resolv
# written by kubectl mesh: what is changed from here on is lost on its next run
local=/global/
host-record=a.ns.global,240.241.0.1
host-record=b.ns.global,240.241.0.2
# end of what kubectl mesh wrote
`)
  })

  test('the rest of the text remains byte for byte', () => {
    fc.assert(
      fc.property(config, config, (text, more) => {
        const put = putDnsmasqSection(text, names)
        expect(putDnsmasqSection(put, names)).toBe(put)
        expect(removeDnsmasqSection(put)).toBe(text)
        expect(putDnsmasqSection(putDnsmasqSection(text, new Map()), names)).toBe(put)
        if (put.endsWith('\n')) expect(removeDnsmasqSection(put + more)).toBe(text + more)
        expect(removeDnsmasqSection(text)).toBe(text)
      }),
    )
  })

  test.each(['server=/global/10.0.0.1', ' local = /x.org/GLOBAL/', 'address=/global/1.2.3.4', 'server=/global/'])(
    'rejects an existing line %s',
    text => {
      expect(() => putDnsmasqSection(`no-resolv\n${text}\n`, names)).toThrow(/already has a line for global/)
    },
  )

  test('rejects a second section, complete or not', () => {
    const section = putDnsmasqSection('', names)
    for (const more of [section, section.split('\n')[0]!])
      for (const edit of [removeDnsmasqSection, (text: string) => putDnsmasqSection(text, names)])
        expect(() => edit(`${section}${more}`)).toThrow(/more than once; nothing was changed/)
  })

  test('rejects a section without an end, in linear time', () => {
    const [begin] = putDnsmasqSection('', names).split('\n')
    const text = `${begin}\n`.repeat(12_000)
    const start = performance.now()
    expect(() => putDnsmasqSection(text, names)).toThrow(/without the line "# end of what kubectl mesh wrote"/)
    expect(performance.now() - start).toBeLessThan(500)
  })
})
