import {expect, test} from 'vitest'
import {exporterProblem} from '../../../src/mesh/services/validate-exporter.ts'
import {isMap} from '../../../src/text/json.ts'
import {exporter} from './samples-imports.ts'

const [port] = exporter('east').ports

test.each<[string, object]>([
  ['', {}],
  ['host names', {addresses: ['gw.example.org', 'xn--a.example']}],
  ['IPv6', {addresses: ['2001:db8::1']}],
  ['no locality', {locality: undefined}],
  ['a locality with a subzone', {locality: 'eu/eu-1/rack_2'}],
  ['another trust domain', {identities: ['spiffe://Old.Domain_1/ns/sample/sa/system.hello']}],
  ['an export by label', {byLabel: true}],
])('accepts %s', (_, more) => {
  expect(exporterProblem({...exporter('east'), ...more}, 'sample')).toBeUndefined()
})

test.each<[object, RegExp | string]>([
  [{addresses: []}, 'addresses is not a list with at least one value'],
  [{addresses: ['127.6.6.6\n']}, 'addresses "127.6.6.6\\n" is not an IP address or host name'],
  [{addresses: ['10.0.0.256']}, /is not an IP address or host name/],
  [{addresses: ['fe80::1%eth0']}, /is not an IP address or host name/],
  [{addresses: 'x'}, 'addresses is not a list with at least one value'],
  [{port: 0}, 'port is not a port'],
  [{port: 65_536}, 'port is not a port'],
  [{port: '15443'}, 'port is not a port'],
  [{network: ''}, /^network "" is not a label value/],
  [{network: undefined}, 'network is not a text'],
  [{locality: 'a//b'}, 'locality "a//b" is not a locality'],
  [{locality: null}, 'locality is not a text'],
  [{identities: ['spiffe://cluster.local/ns/other/sa/hello']}, /is not the identity of a workload in namespace sample/],
  [{identities: ['spiffe://cluster.local/ns/sample/sa/a/b']}, /is not the identity/],
  [{identities: ['spiffe:///ns/sample/sa/a']}, /is not the identity/],
  [{identities: ['*']}, /is not the identity/],
  [{ports: [{...port, name: 'a b'}]}, /^ports name "a b" is not a DNS label/],
  [{ports: [{...port, name: '__proto__'}]}, /^ports name "__proto__" is not a DNS label/],
  [{ports: [{...port, number: 1.5}]}, 'ports number is not a port'],
  [{ports: [{...port, protocol: 'toString'}]}, 'ports protocol is not a protocol of Istio'],
  [{ports: [null]}, 'ports is not a map'],
  [{clusterDomain: 'a\nb'}, /^clusterDomain "a\\nb" is not a DNS name/],
  [{byLabel: false}, 'byLabel is not true'],
])('rejects %j', (more, message) => {
  expect(exporterProblem({...exporter('east'), ...more}, 'sample')).toMatch(message)
})

test('an exporter is a map', () => {
  for (const value of [null, [], 'x', 5]) expect(exporterProblem(value, 'sample')).toBe('an exporter is not a map')
  expect([{}, [], null, 'x'].map(isMap)).toEqual([true, false, false, false])
})
