import {expect, test} from 'vitest'
import {planExports} from '../../../src/features/service/plan-exports.ts'
import type {ImportingCluster} from '../../../src/mesh/services/read.ts'
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

test('a later run without --cluster-domain keeps the domain of earlier exports', () => {
  const open = {...east.gateways[0]!, spec: {servers: [{hosts: ['*'], tls: {mode: 'AUTO_PASSTHROUGH'}}]}}
  const exporting = {...east, gateways: [open]}
  const known = {...west, imports: [{...hello, exporters: {east: {...exporter, clusterDomain: 'k8s.org'}}}]}
  const domainOf = (domain: string | undefined, importing: ImportingCluster = known) =>
    planExports([exporting], [importing], domain, () => false).offers[0]!.exporter.clusterDomain
  expect(domainOf(undefined)).toBe('k8s.org')
  expect(domainOf('cluster.local')).toBe('cluster.local')
  expect(domainOf(undefined, west)).toBe('cluster.local')
})
