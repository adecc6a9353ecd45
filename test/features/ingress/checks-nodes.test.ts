import {expect, test} from 'vitest'
import {nodeChecks} from '../../../src/features/ingress/checks-nodes.ts'
import type {IngressFacts} from '../../../src/features/ingress/read.ts'
import {findingsOf, node, object, pod, type RawDeploy} from './samples.ts'

const hostPort: RawDeploy = {hostPorts: ['80:8080'], kind: 'daemonset'}
const frontEnd: RawDeploy = {nodeSelector: ['front_end=true']}
const tainted = node('n1', {front_end: 'true'}, {taints: [{key: 'x', effect: 'NoSchedule'}]})
const unready = {...node('n3', {front_end: 'true'}), status: {conditions: [{type: 'Ready', status: 'False'}]}}
const hostNetwork = {spec: {nodeName: 'n1', hostNetwork: true, containers: [{ports: [{containerPort: 80}]}]}}
const nodePort = {spec: {ports: [{nodePort: 31_080}]}}

test.each<[string, RawDeploy, Partial<IngressFacts>, RegExp]>([
  ['a cluster without nodes', {}, {nodes: []}, /^error nodes: the cluster has no nodes/],
  [
    'a selector that no node matches',
    {nodeSelector: ['a=b']},
    {},
    /^error nodes: no node is labelled a=b; the cluster has 2 nodes/,
  ],
  [
    'taints on every matching node',
    frontEnd,
    {nodes: [tainted]},
    /^error nodes: .* taints of 1 of 1 matching node: n1/,
  ],
  ['taints on some nodes', {}, {nodes: [tainted, node('n2')]}, /^warning nodes: .* taints of 1 of 2 matching nodes/],
  ['nodes that are not ready', frontEnd, {nodes: [unready]}, /^warning nodes: 1 of 1 matching node is not ready: n3/],
  [
    'a host port in use',
    hostPort,
    {pods: [pod('p', 'n2', 80)]},
    /^error host-ports: host port 80 is in use on 1 of 2 matching nodes: pod other\/p on n2/,
  ],
  [
    'a host port in use, as a warning if a Deployment can use another node',
    {hostPorts: ['80:8080']},
    {pods: [pod('p', 'n2', 80)]},
    /^warning host-ports/,
  ],
  [
    'a port of a pod with hostNetwork',
    hostPort,
    {pods: [object('Pod', 'p', hostNetwork, {namespace: 'o'})]},
    /^error host-ports: .*pod o\/p on n1/,
  ],
  [
    'a host port that is a node port',
    {hostPorts: ['31080:8080']},
    {services: [object('Service', 's', nodePort, {namespace: 'o'})]},
    /^error node-ports: .*Service o\/s/,
  ],
])('reports %s', (_name, raw, facts, message) => {
  expect(findingsOf(nodeChecks, raw, facts)).toEqual([expect.stringMatching(message)])
})

test('taints that mirror node conditions are not reported', () => {
  const taints = [{key: 'node.kubernetes.io/not-ready', effect: 'NoExecute'}]
  expect(findingsOf(nodeChecks, {}, {nodes: [node('n1', {}, {taints})]})).toEqual([])
})
