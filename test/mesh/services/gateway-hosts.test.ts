import {expect, test} from 'vitest'
import {exposes} from '../../../src/mesh/services/gateway-hosts.ts'

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
  [['./*.local'], false],
  [['other/*.local'], false],
  [['*.example.com', 'other.svc'], false],
  [['*.other.svc.cluster.local'], false],
  [[], false],
])('hosts %j expose the Service: %s', (hosts, expected) => {
  expect(exposes(gateway(hosts), host, 'sample')).toBe(expected)
})

test('only mode AUTO_PASSTHROUGH exposes Services', () => {
  expect(exposes(gateway(['*'], 'PASSTHROUGH'), host, 'sample')).toBe(false)
})

test('`.` is the namespace of the Gateway', () => {
  expect(exposes(gateway(['./*']), 'x.istio-system.svc.cluster.local', 'istio-system')).toBe(true)
})
