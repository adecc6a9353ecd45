import {describe, expect, test} from 'vitest'
import {addressProblems, podProblems} from '../../../src/mesh/gateways/problems.ts'
import {facts, gatewayService} from '../samples.ts'

const annotation = 'traffic.istio.io/nodeSelector'
const nodePort = (annotations?: Record<string, string>) => {
  const service = gatewayService('net-east', {spec: {type: 'NodePort', ports: [{port: 15443, nodePort: 32620}]}})
  return {...service, metadata: {...service.metadata, ...(annotations ? {annotations} : {})}}
}
const node = {
  ...{apiVersion: 'v1', kind: 'Node', metadata: {name: 'a'}},
  status: {addresses: [{type: 'ExternalIP', address: '198.51.100.1'}]},
}
const within = (nodes: object[] | undefined) => ({
  context: 'east',
  facts: facts('east', {nodes: nodes as never}),
})
const messagesOf = (...args: Parameters<typeof addressProblems>) => addressProblems(...args).map(({message}) => message)

describe('addresses', () => {
  test('istiod ignores a gateway of type NodePort without the annotation', () => {
    expect(addressProblems(nodePort(), within([node]), true)).toEqual([
      {
        message: `gateway Service istio-system/istio-eastwestgateway of type NodePort has no annotation ${annotation}, without which istiods of other clusters ignore it`,
        hints: [
          "kubectl --context east -n istio-system annotate service istio-eastwestgateway 'traffic.istio.io/nodeSelector={}'",
        ],
      },
    ])
    // In gateways mode, imports contain the address.
    expect(addressProblems(nodePort(), within([node]), false)).toEqual([])
  })

  test.each([
    ['{}', /: no node has an ExternalIP/],
    ['{"pool":"edge"}', /: no node that traffic\.istio\.io\/nodeSelector=\{"pool":"edge"\} selects has an ExternalIP/],
  ])('no node that %s selects has an ExternalIP', (selector, message) => {
    const service = nodePort({[annotation]: selector})
    const others = [{...node, status: {addresses: [{type: 'InternalIP', address: '10.0.0.1'}]}}]
    expect(messagesOf(service, within(others), true)).toEqual([expect.stringMatching(message)])
    expect(messagesOf(service, within(undefined), true)).toEqual([])
  })

  test('a load balancer without an address', () => {
    expect(messagesOf(gatewayService('net-east'), within(undefined), true)).toEqual([
      expect.stringMatching(/^gateway Service istio-system\/istio-eastwestgateway has no address/),
    ])
  })
})

describe('pods', () => {
  const labels = {istio: 'eastwestgateway'}
  const service = gatewayService('net-east', {spec: {selector: labels, ports: [{port: 15443}]}})
  const deployment = (name: string, available: number, updated = available, podLabels = labels) => ({
    ...{apiVersion: 'apps/v1', kind: 'Deployment', metadata: {name, namespace: 'istio-system'}},
    spec: {template: {metadata: {labels: podLabels}}},
    status: {availableReplicas: available, updatedReplicas: updated},
  })
  const levels = (...gatewayDeployments: ReturnType<typeof deployment>[]) =>
    podProblems(service, {context: 'east', facts: facts('east', {gatewayDeployments})}).map(({level}) => level)

  test('none is available', () => {
    const facts1 = facts('east', {gatewayDeployments: [deployment('g', 0)]})
    expect(podProblems(service, {context: 'east', facts: facts1})).toEqual([
      {
        level: 'error',
        message: 'gateway istio-system/g: 0 of 1 pods are available',
        hints: ['kubectl --context east -n istio-system describe deployment g'],
      },
    ])
  })

  test('another Deployment of the gateway has pods', () => {
    expect(levels(deployment('g', 1))).toEqual([])
    expect(levels(deployment('g', 0, 1), deployment('h', 1))).toEqual(['warning'])
    // Its pods cannot be created.
    expect(levels(deployment('g', 1, 0))).toEqual(['error'])
  })

  test('pods that the Service does not select are no pods of the gateway', () => {
    expect(levels(deployment('g', 0, 0, {istio: 'other'}))).toEqual([])
    expect(levels()).toEqual([])
  })
})
