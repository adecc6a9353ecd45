import {expect, test} from 'vitest'
import type {KubernetesObject} from '../../../../src/engine/kubernetes/object.ts'
import {machinesOf} from '../../../../src/features/vm/token/istio-machines.ts'

const connected = {'istio.io/connectedAt': '2030-01-01T00:00:00Z'}
const disconnected = {'istio.io/disconnectedAt': '2030-01-01T00:00:00Z'}
const entry = (name: string, annotations: Record<string, string>, namespace = 'vms'): KubernetesObject => ({
  ...{apiVersion: 'networking.istio.io/v1', kind: 'WorkloadEntry'},
  metadata: {name, namespace, annotations},
})
const auto = {'istio.io/autoRegistrationGroup': 'web'}
const web = {namespace: 'vms', name: 'web', workloads: new Set(['networking.istio.io/WorkloadEntry/vms/web-10-0-0-1'])}

test('the machines of a VM are those of its group and those that its record lists', () => {
  const others = [entry('db-1', connected), entry('web-10-0-0-1', disconnected, 'other')]
  expect(machinesOf(web, others)).toBe('none')
  expect(machinesOf(web, [...others, entry('web-10-0-0-1', connected)])).toBe('connected')
  expect(machinesOf(web, [entry('web-2', {...auto, ...connected}), entry('web-3', {...auto, ...disconnected})])).toBe(
    'disconnected',
  )
  expect(machinesOf(web, [entry('web-2', {...auto, ...connected}), entry('web-10-0-0-1', {})])).toBe('unknown')
})
