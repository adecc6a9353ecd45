import {expect, test} from 'vitest'
import {exposes, passthroughHosts} from '../../../src/mesh/services/gateway-hosts.ts'

const host = 'hello.sample.svc.cluster.local'
const gateway = (hosts: string[], mode = 'AUTO_PASSTHROUGH') => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'Gateway',
  metadata: {name: 'g', namespace: 'istio-system'},
  spec: {
    servers: [
      {hosts: ['other.example'], tls: {mode: 'PASSTHROUGH'}},
      {hosts, tls: {mode}},
    ],
  },
})

test.each([
  [['*'], true],
  [['*.local'], true],
  [['*.sample.svc.cluster.local'], true],
  [[host], true],
  [['sample/*'], true],
  [[`sample/${host}`], true],
  [['*/*.local'], true],
  // istiod ignores the namespace: seen in test/e2e/istiod-facts.test.ts.
  [['./*.local'], true],
  [['other/*.local'], true],
  [['other/*'], true],
  [['*.example.com', 'other.svc'], false],
  [['*.other.svc.cluster.local'], false],
  [[], false],
])('hosts %j expose the Service: %s', (hosts, expected) => {
  expect(exposes(gateway(hosts), host)).toBe(expected)
})

test('only mode AUTO_PASSTHROUGH exposes Services', () => {
  expect(exposes(gateway(['*'], 'PASSTHROUGH'), host)).toBe(false)
})

test('passthroughHosts: the hosts of servers with mode AUTO_PASSTHROUGH', () => {
  expect(passthroughHosts(gateway(['a/*', '*.b']))).toEqual(['a/*', '*.b'])
  expect(passthroughHosts({apiVersion: 'v1', kind: 'Gateway', metadata: {name: 'empty'}})).toEqual([])
})
