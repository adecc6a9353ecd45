import {describe, expect, test} from 'vitest'
import {gatewayWorkloads, portsOf, type RevisionSources} from '../../../../src/features/ingress/tls/workloads.ts'
import {object} from '../samples.ts'
import {workload} from './samples.ts'

const deployment = (name: string, labels: Record<string, string>) =>
  object('Deployment', name, {spec: {template: {metadata: {labels}}}}, {namespace: 'edge'})

const none: RevisionSources = {pods: [], namespaces: [], injectors: []}

test('gateways are workloads with the label istio, except istiod', () => {
  const all = [deployment('g', {istio: 'x'}), deployment('istiod', {istio: 'pilot'}), deployment('app', {app: 'a'})]
  expect(gatewayWorkloads(all, none)).toEqual([
    {kind: 'Deployment', name: 'g', namespace: 'edge', labels: {istio: 'x'}, revisions: ['default']},
  ])
})

describe('the revisions of a gateway', () => {
  const tag = object(
    'MutatingWebhookConfiguration',
    'tag',
    {},
    {labels: {'istio.io/tag': 'prod', 'istio.io/rev': '1-30'}},
  )
  const pod = (rev: string) =>
    object(
      'Pod',
      rev,
      {spec: {containers: [{name: 'istio-proxy'}]}},
      {
        namespace: 'edge',
        labels: {istio: 'x'},
        annotations: {'istio.io/rev': rev},
      },
    )
  const revisions = (labels: Record<string, string>, sources: Partial<RevisionSources>) =>
    gatewayWorkloads([deployment('g', {istio: 'x', ...labels})], {...none, injectors: [tag], ...sources})[0]!.revisions
  test('those of its pods, also during a rollout', () => {
    expect(revisions({'istio.io/rev': '1-31'}, {pods: [pod('1-31'), pod('prod')]})).toEqual(['1-30', '1-31'])
  })
  test('without pods, that of the label of the template, else of the namespace, else the default', () => {
    const namespaces = [object('Namespace', 'edge', {}, {labels: {'istio.io/rev': '1-29'}})]
    expect(revisions({'istio.io/rev': 'prod'}, {namespaces})).toEqual(['1-30'])
    expect(revisions({'istio.io/rev': 'default'}, {namespaces})).toEqual(['default'])
    expect(revisions({}, {namespaces})).toEqual(['1-29'])
    expect(revisions({}, {})).toEqual(['default'])
  })
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
