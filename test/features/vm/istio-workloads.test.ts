import {describe, expect, test} from 'vitest'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import {
  canonicalIp,
  entryStatusOf,
  groupOfEntry,
  hasAddress,
  portsIn,
  selectorIn,
  templateOf,
} from '../../../src/features/vm/istio-workloads.ts'
import {serviceEntry, workloadEntry, workloadGroup} from './support.ts'

const service: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {name: 'web', namespace: 'vm'},
  spec: {selector: {app: 'web'}, ports: [{port: 80, targetPort: 'http'}]},
}

describe('entryStatusOf', () => {
  const [connectedAt, disconnectedAt] = ['2026-01-01T20:00:00.123456789Z', '2026-01-01T21:00:00Z']
  test.each<[string, Record<string, string>, object]>([
    ['no annotations', {}, {connected: undefined, since: undefined, controlPlane: undefined}],
    [
      'a connection',
      {'istio.io/connectedAt': connectedAt, 'istio.io/workloadController': 'istiod-1'},
      {connected: true, since: new Date('2026-01-01T20:00:00.123Z'), controlPlane: 'istiod-1'},
    ],
    [
      'a lost connection',
      {'istio.io/disconnectedAt': disconnectedAt},
      {connected: false, since: new Date(disconnectedAt)},
    ],
    ['a malformed date', {'istio.io/connectedAt': 'x'}, {connected: undefined, since: undefined}],
  ])('%s', (_, annotations, expected) => {
    expect(entryStatusOf(workloadEntry({}, {annotations}))).toMatchObject({health: 'unknown', ...expected})
  })

  test.each([
    ['True', 'healthy'],
    ['False', 'unhealthy'],
    ['Unknown', 'unhealthy'],
  ])('condition Healthy=%s is %s', (status, health) => {
    const entry = {...workloadEntry({}), status: {conditions: [{type: 'Healthy', status}]}}
    expect(entryStatusOf(entry).health).toBe(health)
  })
})

test.each([
  ['10.0.0.1', undefined, true],
  ['10.0.0.1', '', true],
  ['10.0.0.1', 'far', false],
  ['10.0.0.2', undefined, false],
])('an entry with 10.0.0.1 and no network has %s in network %s: %s', (address, network, expected) => {
  expect(hasAddress(workloadEntry({address: '10.0.0.1'}), address, network)).toBe(expected)
})

test('canonicalIp changes only IPv6 addresses', () => {
  expect(['2001:DB8:0:0::1', '10.0.0.1', 'db.example.com'].map(canonicalIp)).toEqual([
    '2001:db8::1',
    '10.0.0.1',
    'db.example.com',
  ])
})

test('templateOf merges the labels of the template and of the group metadata', () => {
  const group = workloadGroup('web', {network: 'net-vm', labels: {a: '1', b: '1'}}, {b: '2'})
  expect(templateOf(group)).toEqual({network: 'net-vm', labels: {a: '1', b: '2'}})
})

test('groupOfEntry reads the annotation of istiod', () => {
  expect(groupOfEntry(workloadEntry({}, {annotations: {'istio.io/autoRegistrationGroup': 'web'}}))).toBe('web')
  expect(groupOfEntry(workloadEntry({}))).toBeUndefined()
})

test('selectors and ports of a Service and of a ServiceEntry have one form', () => {
  expect(selectorIn(service)).toEqual({app: 'web'})
  expect(selectorIn(serviceEntry({app: 'x'}))).toEqual({app: 'x'})
  expect(portsIn(service)).toEqual([{name: '', number: 80, targetPort: 'http'}])
  expect(portsIn(serviceEntry({}))).toEqual([{name: 'http', number: 80, targetPort: undefined}])
})
