import {expect, test} from 'vitest'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import {installData, installedSettings, isByInstall} from '../../../src/mesh/control-plane/stored.ts'

const record = (data: Record<string, string>): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {name: 'kubectl-mesh-control-plane', namespace: 'istio-system'},
  data,
})

test('what install has set is kept by a later rendering', () => {
  const settings = '{"profile":"default","set":["pilot.autoscaleMin=2"],"network":"net-east"}'
  const values = '[{"name":"a.yaml","content":{"pilot":{"cpu":1,"autoscaleMin":5}}}]'
  const stored = record(installData({settings, values}))
  expect(isByInstall(stored)).toBe(true)
  expect(installedSettings(stored)).toEqual({
    profile: 'default',
    requested: {values: {pilot: {cpu: 1, autoscaleMin: 2}}, operator: {}},
    data: {settings, values},
  })
})

test('a record of federate has none', () => {
  expect(isByInstall(record({via: 'helm'}))).toBe(false)
  expect(installedSettings(record({via: 'helm'}))).toBeUndefined()
  expect(installedSettings(undefined)).toBeUndefined()
})

test('values that kubectl-mesh did not write are an error', () => {
  expect(() => installedSettings(record({settings: '{}', values: '{'}))).toThrow('not JSON that kubectl-mesh wrote')
})
