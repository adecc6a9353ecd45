import {expect, test} from 'vitest'
import {importChange, knownDomain, knownIdentities} from '../../../src/features/service/import-changes.ts'
import {exporter, hello, west} from './samples.ts'

const imported = {...hello, exporters: {east: exporter}}

test('identities of an exporter by host', () => {
  const importing = [{...west, imports: [imported]}]
  expect([...knownIdentities(importing, 'east')]).toEqual([['hello.sample.global', exporter.identities]])
  expect([...knownIdentities(importing, 'south')]).toEqual([])
})

test('the DNS domain of an exporter', () => {
  const importing = [west, {...west, imports: [{...hello, exporters: {east: {...exporter, clusterDomain: 'k8s.org'}}}]}]
  expect(knownDomain(importing, 'east')).toBe('k8s.org')
  expect(['south', 'constructor'].map(name => knownDomain(importing, name))).toEqual([undefined, undefined])
})

test('the change belongs to the ApplySet of the imports, whatever the revision', () => {
  const change = importChange({systemNamespace: 'istio-system'}, {...west, revision: '1-30'}, [imported])
  expect(change).toMatchObject({name: 'west', set: {name: 'kubectl-mesh-services', namespace: 'istio-system'}})
  expect(change.changes.map(({action}) => action)).toEqual(['apply', 'apply', 'apply'])
})
