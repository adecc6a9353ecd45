import {expect, test} from 'vitest'
import {gatewayWorkloads, portsOf} from '../../../../src/features/ingress/tls/workloads.ts'
import {object} from '../samples.ts'
import {workload} from './samples.ts'

const deployment = (name: string, labels: Record<string, string>) =>
  object('Deployment', name, {spec: {template: {metadata: {labels}}}}, {namespace: 'edge'})

test('gateways are workloads with the label istio, except istiod', () => {
  const all = [deployment('g', {istio: 'x'}), deployment('istiod', {istio: 'pilot'}), deployment('app', {app: 'a'})]
  expect(gatewayWorkloads(all)).toEqual([{kind: 'Deployment', name: 'g', namespace: 'edge', labels: {istio: 'x'}}])
})

test.each([
  ['no Service', [], undefined],
  ['a Service without a selector', [{spec: {ports: [{port: 1}]}}], undefined],
  ['a Service of other pods', [{spec: {selector: {istio: 'x'}, ports: [{port: 1}]}}], undefined],
  [
    'two Services',
    [{spec: {selector: {istio: 'ingressgateway'}, ports: [{port: 80}]}}, {spec: {selector: workload.labels}}],
    [80],
  ],
])('ports: %s', (_name, services, ports) => {
  const all = services.map((service, at) => object('Service', `s${at}`, service, {namespace: 'edge'}))
  expect(portsOf(workload, all)).toEqual(ports)
})
