import {expect, test} from 'vitest'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import {
  appliesTo,
  customPolicies,
  hostOfService,
  policyTitle,
  providerOf,
  readExtAuthz,
  refusedFields,
} from '../../../src/features/authz/istio.ts'

const policy = (namespace: string, spec: object): KubernetesObject => ({
  apiVersion: 'security.istio.io/v1',
  kind: 'AuthorizationPolicy',
  metadata: {name: 'p', namespace},
  spec,
})
const pod = (namespace: string, labels: Record<string, string>): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {name: 'w', namespace, labels},
})

test('only the external authorizers among the providers', () => {
  const providers = [
    {name: 'otel', opentelemetry: {service: 'x', port: 1}},
    {name: 'a', envoyExtAuthzGrpc: {service: 'a.b', port: '9000', failOpen: true}},
    {name: 'b', envoyExtAuthzHttp: {service: 'ns/b.c', port: 80, timeout: '2s'}},
    {envoyExtAuthzHttp: {}},
    null,
    'text',
  ]
  expect(readExtAuthz(providers)).toEqual([
    {name: 'a', type: 'grpc', service: 'a.b', port: 9000, failOpen: true, timeout: undefined},
    {name: 'b', type: 'http', service: 'ns/b.c', port: 80, failOpen: false, timeout: '2s'},
  ])
  expect(readExtAuthz(undefined)).toEqual([])
})

test('fields that istiod rejects in a CUSTOM policy', () => {
  const from = [{source: {namespaces: ['a'], ipBlocks: ['10.0.0.0/8'], notPrincipals: ['x']}}]
  const when = [{key: 'request.auth.claims[iss]'}, {key: 'request.headers[x]'}, {key: 'source.namespace'}]
  expect(refusedFields(policy('a', {action: 'CUSTOM', rules: [{from, when}]}))).toEqual([
    'namespaces',
    'notPrincipals',
    'request.auth.claims[iss]',
    'source.namespace',
  ])
  expect(refusedFields(policy('a', {rules: [{to: [{operation: {paths: ['/a']}}]}]}))).toEqual([])
})

test.each([
  ['the same namespace', 'a', {}, true],
  ['another namespace', 'b', {}, false],
  ['the root namespace', 'root', {}, true],
  ['a selector that matches', 'a', {selector: {matchLabels: {app: 'web'}}}, true],
  ['a selector that does not match', 'a', {selector: {matchLabels: {app: 'db'}}}, false],
  ['a Gateway by name', 'a', {targetRefs: [{kind: 'Gateway', name: 'gw'}]}, true],
  ['another Gateway', 'a', {targetRef: {kind: 'Gateway', name: 'other'}}, false],
])('a policy applies to a workload: %s', (_, namespace, spec, expected) => {
  const workload = pod('a', {app: 'web', 'gateway.networking.k8s.io/gateway-name': 'gw'})
  expect(appliesTo(policy(namespace, spec), workload, 'root')).toBe(expected)
})

test('host and namespace of a provider', () => {
  expect(hostOfService('ns/a.b')).toEqual({namespace: 'ns', host: 'a.b'})
  expect(hostOfService('a.b')).toEqual({namespace: undefined, host: 'a.b'})
})

test('the provider and the title of a policy', () => {
  const custom = policy('shop', {action: 'CUSTOM', provider: {name: 'ext'}})
  expect([providerOf(custom), providerOf(policy('shop', {}))]).toEqual(['ext', undefined])
  expect(policyTitle(custom)).toBe('AuthorizationPolicy shop/p')
  expect(customPolicies([custom, policy('shop', {action: 'ALLOW'}), policy('shop', {})])).toEqual([custom])
})
