import {expect, test} from 'vitest'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import {vmRows} from '../../../src/features/vm/read-rows.ts'
import {formatVmList} from '../../../src/features/vm/report-list.ts'
import {expectGolden} from '../../support/golden.ts'

const now = new Date('2026-01-02T00:00:00Z')

function entry(name: string, spec: object, notes: Record<string, string> = {}, healthy?: string): KubernetesObject {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'WorkloadEntry',
    metadata: {name, namespace: 'vm', annotations: notes},
    spec,
    ...(healthy ? {status: {conditions: [{type: 'Healthy', status: healthy}]}} : {}),
  }
}

const group = (name: string): KubernetesObject => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'WorkloadGroup',
  metadata: {name, namespace: 'vm'},
  spec: {template: {network: 'net-vm', locality: 'r/z'}},
})

const auto = {'istio.io/autoRegistrationGroup': 'web', 'istio.io/workloadController': 'istiod-1'}
const rows = vmRows(
  [group('web'), group('idle')],
  [
    entry(
      'web-2',
      {address: '10.0.0.2', network: 'net-vm'},
      {...auto, 'istio.io/disconnectedAt': '2026-01-01T23:59:50.123456789Z'},
      'False',
    ),
    entry(
      'web-1',
      {address: '10.0.0.1', locality: 'r/z/s'},
      {...auto, 'istio.io/connectedAt': '2026-01-01T20:00:00.123456789Z'},
      'True',
    ),
    entry('db', {address: '2001:DB8:0::1'}),
  ],
)

test('entries by group, groups without one, by name', () => {
  expect(rows.map(({group, entry, auto, health, connected}) => ({group, entry, auto, health, connected}))).toEqual([
    {group: undefined, entry: 'db', auto: false, health: 'unknown', connected: undefined},
    {group: 'idle', entry: undefined, auto: false, health: 'unknown', connected: undefined},
    {group: 'web', entry: 'web-1', auto: true, health: 'healthy', connected: true},
    {group: 'web', entry: 'web-2', auto: true, health: 'unhealthy', connected: false},
  ])
})

test('the table, byte for byte', async () => {
  await expectGolden('vm/list.txt', formatVmList(rows, undefined, now))
})

test('as data', () => {
  expect(JSON.parse(formatVmList(rows, 'json', now)).vms[2]).toMatchObject({
    entry: 'web-1',
    connected: true,
    controlPlane: 'istiod-1',
  })
  expect(formatVmList(rows, 'yaml', now)).toContain('address: 2001:db8::1')
})
