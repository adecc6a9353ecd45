import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {formatVmPort, parseVmPort, vmProtocols} from '../../../src/features/vm/spec-port.ts'

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
    ['http:0', /^http:0: the port must be between 1 and 65535$/],
    ['http:99999', /^http:99999: the port must be between 1 and 65535$/],
    ['http:8e1', /the port must be/],
    ['http: 80', /the port must be/],
    ['http:80:udp', /the protocol must be one of HTTP, /],
    ['http:80:http:', /the port must be/],
  ])('rejects %s', (text, why) => expect(() => parseVmPort(text)).toThrow(why))

  test('a formatted port parses to the same port', () => {
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
