import {expect, test} from 'vitest'
import {joinedDataPlane, recordedDataPlane} from '../../../src/mesh/ambient/record.ts'

const record = (settings: object | string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {name: 'kubectl-mesh-federation'},
  data: {settings: typeof settings === 'string' ? settings : JSON.stringify(settings)},
})

test('the data plane of a record; sidecar without a record, a setting, or a valid one', () => {
  expect(recordedDataPlane(record({dataPlane: 'both'}))).toBe('both')
  for (const one of [undefined, record({}), record('{'), record({dataPlane: 'other'})])
    expect(recordedDataPlane(one)).toBe('sidecar')
})

test('the data plane of several clusters; those that have not joined do not count', () => {
  const of = (...all: (object | undefined)[]) => joinedDataPlane(all.map(one => ({record: one && record(one)})))
  expect(of({}, {})).toBe('sidecar')
  expect(of({dataPlane: 'ambient'}, undefined)).toBe('ambient')
  expect(of({dataPlane: 'ambient'}, {})).toBe('both')
  expect(of(undefined)).toBe('sidecar')
})
