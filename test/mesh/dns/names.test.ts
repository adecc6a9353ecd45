import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {MeshError} from '../../../src/errors.ts'
import {putGlobalBlock} from '../../../src/mesh/dns/corefile/global-block.ts'
import {putDnsmasqSection} from '../../../src/mesh/dns/dnsmasq.ts'
import {putStubDomain} from '../../../src/mesh/dns/kube-dns.ts'
import {checkDnsNames, checkLength, onlyManagedPart} from '../../../src/mesh/dns/names.ts'
import {hostileNames, hostileText} from './hostile.ts'

describe('a value that is not a name or an address', () => {
  test('reaches no configuration', () => {
    fc.assert(
      fc.property(hostileNames, names => {
        expect(() => putGlobalBlock('.:53 {\n    errors\n}\n', names)).toThrow(MeshError)
        expect(() => putDnsmasqSection('no-resolv\n', names)).toThrow(MeshError)
      }),
      {numRuns: 1000},
    )
    fc.assert(
      fc.property(hostileText('10.0.0.53'), server => {
        expect(() => putStubDomain('{}', [server], [])).toThrow(MeshError)
      }),
    )
  })

  test.each<[string, string, RegExp]>([
    ['a.b.local', '240.241.0.1', /^"a\.b\.local" cannot be added .*: it is not a DNS name under \.global$/],
    ['a.b.global\nx', '240.241.0.1', /^"a\.b\.global\\nx" cannot be added/],
    ['a.b.global', 'fe80::1%eth0', /^a\.b\.global cannot be added .*: "fe80::1%eth0" is not an IP address$/],
    ['a.b.global', `1.2.3.4"\n${'x'.repeat(200)}`, /: "1\.2\.3\.4\\"\\nx{71}…" is not an IP address$/],
  ])('is named in short and escaped: %#', (name, address, message) => {
    expect(() => checkDnsNames(new Map([[name, [address]]]))).toThrow(message)
  })
})

test('a configuration that does not fit into a ConfigMap is rejected', () => {
  const long = '# x\n'.repeat(300_000)
  const names = new Map([['a.b.global', ['240.241.0.1']]])
  for (const edit of [
    () => putGlobalBlock(long, names),
    () => putDnsmasqSection(long, names),
    () => putStubDomain(`{"a": "${long}"}`, ['10.0.0.53'], []),
  ])
    expect(edit).toThrow(/has 12\d{5} characters; a ConfigMap holds 1048576 bytes \(1 MiB\)/)
})

test('so many names that the configuration does not fit are rejected', () => {
  const names = new Map(
    Array.from({length: 10_000}, (_, at): [string, string[]] => [`s-${at}.ns.global`, ['10.0.0.1']]),
  )
  expect(() => putGlobalBlock('.:53 {\n}\n', names)).toThrow(/the Corefile has \d+ characters/)
})

test('an edit that would change more than the managed part is rejected', () => {
  const rest = {before: 'a', after: 'a'}
  expect(onlyManagedPart('edited', rest, 'the Corefile')).toBe('edited')
  expect(() => onlyManagedPart('edited', {...rest, after: 'b'}, 'the Corefile')).toThrow(
    'the edit for .global would also change other parts of the Corefile; nothing was changed',
  )
  expect(() => checkLength('short', 'the Corefile')).not.toThrow()
})
