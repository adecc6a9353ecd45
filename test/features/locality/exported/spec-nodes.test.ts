import {expect, test} from 'vitest'
import {nodeDocuments} from '../../../../src/features/locality/exported/spec-nodes.ts'
import {formerAnnotation} from '../../../../src/features/locality/label/objects-undo.ts'

const [region, zone] = ['topology.kubernetes.io/region', 'topology.kubernetes.io/zone']

function node(name: string, labels: Record<string, string>, set: Record<string, string>) {
  const undo = Object.fromEntries(Object.entries(set).map(([key, value]) => [key, {set: value}]))
  const annotations: Record<string, string> =
    Object.keys(set).length > 0 ? {[formerAnnotation]: JSON.stringify(undo)} : {}
  return {apiVersion: 'v1', kind: 'Node', metadata: {name, labels, annotations}}
}

test('one document for each locality, with the nodes that kubectl-mesh has labelled', () => {
  const eu = {[region]: 'eu', [zone]: 'eu-1'}
  const nodes = [
    node('b', eu, eu),
    node('a', eu, eu),
    node('c', {[region]: 'us'}, {[region]: 'us'}),
    node('unlabelled', {[region]: 'us'}, {}),
    node('changed', {[region]: 'us'}, {[region]: 'eu'}),
    node('removed', {}, {[region]: 'eu'}),
  ]
  expect(nodeDocuments('east', nodes)).toEqual([
    {name: 'eu-eu-1', context: 'east', raw: {nodes: ['a', 'b'], region: 'eu', zone: 'eu-1'}},
    {name: 'us', context: 'east', raw: {nodes: ['c'], region: 'us'}},
  ])
})

test('a zone that was set within the region of another owner is exported with the region', () => {
  const labels = {[region]: 'EU.West', [zone]: 'eu-1'}
  expect(nodeDocuments('east', [node('a', labels, {[zone]: 'eu-1'})])).toEqual([
    {name: 'eu.west-eu-1', context: 'east', raw: {nodes: ['a'], region: 'EU.West', zone: 'eu-1'}},
  ])
})
