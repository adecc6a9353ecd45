import {describe, expect, test} from 'vitest'
import {formatLabels, labelsOfTarget, podsOfTarget, resolveTarget} from '../../../src/features/authz/istio-target.ts'
import {targetField} from '../../../src/features/authz/spec-fields.ts'
import {authzFacts, object} from '../federate/samples-mesh.ts'
import {webPod, webTarget} from './samples.ts'

describe('the workloads of a target', () => {
  const gatewayPod = object('Pod', 'ingress/gw-1', {
    metadata: {labels: {istio: 'ingressgateway'}, annotations: {'inject.istio.io/templates': 'gateway'}},
  })
  const facts = authzFacts({
    pods: [webPod, gatewayPod],
    namespaces: [object('Namespace', 'shop')],
    workloads: [object('Deployment', 'shop/web', {spec: {selector: {matchLabels: {app: 'web'}}}})],
    services: [object('Service', 'ingress/istio-ingressgateway', {spec: {selector: {istio: 'ingressgateway'}}})],
    gateways: [object('Gateway', 'shop/public', {spec: {selector: {istio: 'ingressgateway'}}})],
    apiGateways: [object('Gateway', 'shop/api')],
  })
  const parsed = (to: string | undefined) => ({
    to: to === undefined ? undefined : targetField.parse(to),
    systemNamespace: 'istio-system',
  })
  const resolve = (to: string | undefined, selector: Record<string, string> = {}) =>
    resolveTarget({...parsed(to), selector, namespace: 'shop'}, facts)

  test.each([
    ['gateway/api', {namespace: 'shop', labels: {}, gateway: 'api', isGateway: true}],
    // The pods of an Istio Gateway may be in another namespace.
    ['gateway/public', {namespace: 'ingress', labels: {istio: 'ingressgateway'}, isGateway: true}],
    ['workload/web', {namespace: 'shop', labels: {app: 'web'}, isGateway: false}],
    ['namespace/shop', {namespace: 'shop', labels: {}, isGateway: false}],
  ])('%s', (to, expected) => {
    expect(resolve(to)).toEqual({target: expected})
  })

  test('labels, and targets that do not exist', () => {
    expect(resolve(undefined, {app: 'web'})).toEqual({
      target: {namespace: 'shop', labels: {app: 'web'}, isGateway: false},
    })
    for (const to of ['gateway/x', 'workload/x', 'namespace/x']) expect(resolve(to)).toHaveProperty('missing')
  })
})

describe('a gateway by name', () => {
  const selector = {istio: 'public'}
  const gateway = (namespace: string) => object('Gateway', `${namespace}/public`, {spec: {selector}})
  const gatewayPod = (namespace: string) => object('Pod', `${namespace}/public-1`, {metadata: {labels: selector}})
  const namespaceOf = (facts: Parameters<typeof authzFacts>[0]) => {
    const spec = {...webTarget, to: targetField.parse('gateway/public'), selector: {}, systemNamespace: 'istio-system'}
    const resolved = resolveTarget({...spec, namespace: 'shop'}, authzFacts(facts))
    return 'target' in resolved ? resolved.target.namespace : resolved.missing
  }
  test('the namespace of a recorded policy', () => {
    const spec = {...webTarget, to: targetField.parse('gateway/public'), selector: {}, systemNamespace: 'istio-system'}
    const facts = authzFacts({gateways: [gateway('other')]})
    expect(resolveTarget({...spec, namespace: 'shop'}, facts, ['other'])).toMatchObject({target: {namespace: 'other'}})
    expect(resolveTarget({...spec, namespace: 'shop'}, facts)).toMatchObject({
      hint: 'namespace other has one; to use it: -n other',
    })
    const several = authzFacts({gateways: [gateway('other'), gateway('third')]})
    expect(resolveTarget({...spec, namespace: 'shop'}, several)).toMatchObject({
      hint: 'namespaces other, third have one; to use one: -n other',
    })
  })
  test.each<[string, Parameters<typeof authzFacts>[0], string]>([
    ['the requested namespace first', {gateways: [gateway('other'), gateway('shop')]}, 'shop'],
    ['then the namespace of istiod', {gateways: [gateway('other'), gateway('istio-system')]}, 'istio-system'],
    [
      'not elsewhere, which anyone may have created',
      {gateways: [gateway('other')]},
      'no gateway public in namespace shop or istio-system: no Gateway or gateway Service there has this name',
    ],
    ['the namespace of its pods', {gateways: [gateway('shop')], pods: [gatewayPod('b')]}, 'b'],
    [
      'not if its pods run in several namespaces',
      {gateways: [gateway('shop')], pods: [gatewayPod('b'), gatewayPod('a')]},
      'pods of gateway public run in several namespaces: b, a',
    ],
    [
      'pods in a preferred namespace',
      {gateways: [gateway('shop')], pods: [gatewayPod('b'), gatewayPod('istio-system')]},
      'istio-system',
    ],
    [
      'a Service in its namespace',
      {services: [object('Service', 'shop/public', {spec: {selector}})], pods: [gatewayPod('b')]},
      'shop',
    ],
  ])('%s', (_, facts, namespace) => {
    expect(namespaceOf(facts)).toBe(namespace)
  })
})

test('the labels and the pods of a target', () => {
  const apiTarget = {...webTarget, labels: {}, gateway: 'public'}
  const apiPod = object('Pod', 'shop/public-1', {metadata: {labels: labelsOfTarget(apiTarget)}})
  const facts = {pods: [webPod, apiPod]}
  expect(podsOfTarget(webTarget, facts)).toEqual([webPod])
  expect(podsOfTarget(apiTarget, facts)).toEqual([apiPod])
  expect(podsOfTarget({...webTarget, labels: {}}, facts)).toEqual(facts.pods)
  expect(podsOfTarget({...webTarget, namespace: 'other'}, facts)).toEqual([])
  expect(formatLabels({app: 'web', version: 'v1'})).toBe('app=web,version=v1')
})
