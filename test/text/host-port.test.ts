import {expect, test} from 'vitest'
import {hostPort} from '../../src/text/host-port.ts'

test.each([
  ['10.0.0.1', '10.0.0.1:443'],
  ['gateway.example.com', 'gateway.example.com:443'],
  ['2001:db8::1', '[2001:db8::1]:443'],
])('hostPort: %s', (address, expected) => {
  expect(hostPort(address, 443)).toBe(expected)
})
