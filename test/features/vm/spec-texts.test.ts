import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {
  formatVmPort,
  formatVmProbe,
  hostProblem,
  labelKeyProblem,
  labelTextProblem,
  localityProblem,
  parseVmPort,
  parseVmProbe,
  vmProtocols,
} from '../../../src/features/vm/spec-texts.ts'
import {addressOrHost} from '../../../src/spec/texts.ts'

describe('--port', () => {
  test.each([
    ['http:80', {name: 'http', number: 80, protocol: 'HTTP', target: 80}],
    ['http-web:80', {name: 'http-web', number: 80, protocol: 'HTTP', target: 80}],
    ['grpc-web:80', {name: 'grpc-web', number: 80, protocol: 'GRPC-WEB', target: 80}],
    ['web:80', {name: 'web', number: 80, protocol: 'TCP', target: 80}],
    ['web:80:http', {name: 'web', number: 80, protocol: 'HTTP', target: 80}],
    ['web:80::8080', {name: 'web', number: 80, protocol: 'TCP', target: 8080}],
    ['db:5432:TCP:15432', {name: 'db', number: 5432, protocol: 'TCP', target: 15432}],
  ])('%s', (text, port) => expect(parseVmPort(text)).toEqual(port))

  test.each([
    ['http', /is not NAME:NUMBER/],
    ['http:80:http:80:80', /is not NAME:NUMBER/],
    [':80', /is not a DNS label/],
    ['Http:80', /is not a DNS label/],
    ['http:0', /^http:0: a port is 1–65535$/],
    ['http:99999', /^http:99999: a port is 1–65535$/],
    ['http:8e1', /a port is/],
    ['http: 80', /a port is/],
    ['http:80:udp', /the protocol is one of HTTP, /],
    ['http:80:http:', /a port is/],
  ])('%s is refused', (text, why) => expect(() => parseVmPort(text)).toThrow(why))

  test('what is printed says the same again', () => {
    const port = fc.record({
      name: fc.stringMatching(/^[a-z]([-a-z0-9]{0,20}[a-z0-9])?$/),
      number: fc.integer({min: 1, max: 65_535}),
      protocol: fc.constantFrom(...vmProtocols),
      target: fc.integer({min: 1, max: 65_535}),
    })
    fc.assert(
      fc.property(port, port => {
        expect(parseVmPort(formatVmPort(port))).toEqual(port)
      }),
    )
  })
})

describe('--probe', () => {
  test.each([
    ['http:8080/ready?x=1', {kind: 'http', port: 8080, path: '/ready?x=1'}],
    ['https:8443', {kind: 'https', port: 8443, path: '/'}],
    ['tcp:5432', {kind: 'tcp', port: 5432}],
    ['exec:/bin/check --all it', {kind: 'exec', command: ['/bin/check', '--all', 'it']}],
  ])('%s', (text, probe) => {
    expect(parseVmProbe(text)).toEqual(probe)
    expect(parseVmProbe(formatVmProbe(parseVmProbe(text)))).toEqual(probe)
  })

  test.each(['', 'http', '8080', 'http:/ready', 'tcp:0', 'tcp:80/x', 'exec:', 'exec: ', 'grpc:80', 'udp:80'])(
    '%j is refused',
    text => expect(() => parseVmProbe(text)).toThrow(),
  )
})

describe('--address', () => {
  test.each(['10.0.0.5', '::1', '2001:DB8::1', 'db.example.com', 'db', 'a.b-c.d1e'])('%s', text =>
    expect(addressOrHost(text)).toBeUndefined(),
  )
  test.each([
    '10.0.0.300',
    '10.0.0',
    '1.2.3.4.5',
    '2001:db8::g',
    'Db.example.com',
    'db..com',
    '-db',
    'a_b',
    '',
    'http://a',
  ])('%j is refused', text => expect(addressOrHost(text)).toBe('is not an IP address or host name'))
  test('every IP address is one', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), ip => {
        expect(addressOrHost(ip)).toBeUndefined()
      }),
    )
  })
})

test.each([
  [hostProblem, ['web.example.com', 'web'], ['*.example.com', '10.0.0.1', 'Web', 'a..b', '']],
  [labelKeyProblem, ['app', 'example.com/app', 'A_b.c'], ['', '/app', 'a/b/c', '-a', 'Ex.com/a', 'a'.repeat(64)]],
  [labelTextProblem, ['', 'v1', 'A_b.c-d'], ['-a', 'a b', 'a/b', 'ä', 'a'.repeat(64)]],
  [localityProblem, ['r', 'r/z', 'r/z/s'], ['', 'r/', '/z', 'r/z/s/t', 'r z', '*', 'r/*']],
])('%o', (problem, fine, wrong) => {
  for (const text of fine) expect(problem(text), text).toBeUndefined()
  for (const text of wrong) expect(problem(text), text).toBeDefined()
})
