import {expect, test} from 'vitest'
import {noGatewayAddress, notExposed, noWorkloads, unsupportedService} from '../../../src/mesh/services/refusals.ts'
import {exporting, object} from './samples.ts'

test.each([
  ['ExternalName', {type: 'ExternalName'}, {ports: [], udp: []}, /^has type ExternalName/],
  ['headless', {clusterIP: 'None'}, {ports: [{}], udp: []}, /^is headless/],
  ['no ports', {}, {ports: [], udp: []}, /^has no ports/],
  ['only UDP', {}, {ports: [], udp: [53]}, /^has only UDP ports/],
])('unsupported: %s', (_name, spec, ports, reason) => {
  expect(unsupportedService(object('Service', 's', spec), ports)!.reason).toMatch(reason)
})

test('a Service with a TCP port is supported', () => {
  expect(unsupportedService(object('Service', 's', {clusterIP: '10.0.0.1'}), {ports: [{}], udp: [53]})).toBeUndefined()
})

test('the Service of the API server is not exported', () => {
  const service = {...object('Service', 'kubernetes', {}), metadata: {name: 'kubernetes', namespace: 'default'}}
  expect(unsupportedService(service, {ports: [{}], udp: []})!.reason).toBe('is the API server of this cluster')
})

test('the gateway must expose the host', () => {
  const service = {name: 'hello', namespace: 'sample'}
  expect(notExposed(exporting(), service, 'cluster.local')).toBeUndefined()
  expect(notExposed(exporting(), service, 'x.org')!.reason).toMatch(/has the host hello\.sample\.svc\.x\.org$/)
})

test('reasons name the cluster and how to solve them', () => {
  expect(noWorkloads({namespace: 'sample', name: 'hello', cluster: 'east'}, 'admin@east').hint).toMatch(
    /^start a pod in east .*hello/,
  )
  expect(noGatewayAddress(exporting())).toMatchObject({
    reason: expect.stringContaining('east has no gateway for its network net-east'),
    hint: expect.stringContaining('kubectl --context east'),
  })
})
