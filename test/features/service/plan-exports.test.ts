import {expect, test} from 'vitest'
import {planExports} from '../../../src/features/service/plan-exports.ts'
import {east, exporter, hello, west} from './samples.ts'

test('an importing cluster gets the offers of exporting clusters', () => {
  const plan = planExports([east], [west], 'cluster.local', () => false)
  expect(plan.offers.map(({cluster, name}) => `${cluster} ${name}`)).toEqual(['east hello'])
  expect(plan.imports.map(({imports}) => imports.map(({exporters}) => Object.keys(exporters)))).toEqual([[['east']]])
  expect(plan.refusals).toEqual([])
})

test('refusals of exporters and importers are combined, and known identities are used', () => {
  const foreignEntries = [
    {apiVersion: 'v1', kind: 'ServiceEntry', metadata: {name: 'x'}, spec: {hosts: ['hello.sample.global']}},
  ]
  const withoutGateway = {...east, name: 'south', context: 'south', networkGateways: []}
  const plan = planExports([east, withoutGateway], [{...west, foreignEntries}], 'cluster.local', () => false)
  expect(plan.refusals.map(({cluster}) => cluster)).toEqual(['south', 'west'])
  const known = {...west, imports: [{...hello, exporters: {east: exporter}}]}
  expect(planExports([{...east, pods: []}], [known], 'cluster.local', () => false).offers).toHaveLength(1)
})

test('withdrawn exporters are removed', () => {
  const importing = {...west, imports: [{...hello, exporters: {east: exporter}}]}
  expect(planExports([], [importing], 'cluster.local', () => true).imports[0]!.imports).toEqual([])
})
