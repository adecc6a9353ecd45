import {expect, test} from 'vitest'
import {activePods, matchingNodes} from '../../../src/features/ingress/placement.ts'
import {node, object} from './samples.ts'

test.each<[string, object, number[]]>([
  ['host ports', {containers: [{ports: [{containerPort: 8080, hostPort: 80}, {containerPort: 9}]}]}, [80]],
  ['host network', {hostNetwork: true, containers: [{ports: [{containerPort: 80}]}]}, [80]],
  ['init containers', {initContainers: [{ports: [{containerPort: 1, hostPort: 1}]}]}, [1]],
  ['UDP', {containers: [{ports: [{containerPort: 53, hostPort: 53, protocol: 'UDP'}]}]}, []],
  ['no containers', {}, []],
])('node ports of a pod: %s', (_name, spec, ports) => {
  expect(activePods([object('Pod', 'p', {spec})])[0]!.hostPorts).toEqual(ports)
})

test.each(['Succeeded', 'Failed'])('pods in phase %s use no ports', phase => {
  expect(activePods([object('Pod', 'p', {status: {phase}})])).toEqual([])
})

test('a node must have every label of the selector', () => {
  const nodes = [node('a', {x: '1', y: '2'}), node('b', {x: '1'})]
  expect(matchingNodes(nodes, {x: '1', y: '2'}).map(({metadata}) => metadata.name)).toEqual(['a'])
  expect(matchingNodes(nodes, {})).toHaveLength(2)
})
