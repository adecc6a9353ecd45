import {expect, test} from 'vitest'
import {parseAddress, serves} from '../../../../src/mesh/dns/corefile/address.ts'

test.each([
  ['.', 'dns', '.', ''],
  ['.:8053', 'dns', '.', '8053'],
  [':53', 'dns', '.', '53'],
  ['GLOBAL.:53', 'dns', 'global', '53'],
  ['tls://example.org', 'tls', 'example.org', ''],
  ['{$ZONE}:53', 'dns', '{$zone}', '53'],
])('%s', (key, transport, zone, port) => {
  expect(parseAddress(key)).toEqual({transport, zone, port})
})

test.each([
  ['global', '53', true],
  ['global:53', '', true],
  ['global:53', '8053', false],
  ['dns://global:8053', '8053', true],
  ['https://global:8053', '8053', false],
  ['a.global', '', false],
])('%s on port %s: %s', (key, port, expected) => {
  expect(serves(key, 'global', port)).toBe(expected)
})
