import {describe, expect, test} from 'vitest'
import {
  type AttachSubject,
  competingPolicies,
  fieldsAllowed,
  nameAvailable,
  oneProvider,
  providerNotShared,
  refusedField,
} from '../../../src/features/authz/checks-policies.ts'
import type {AuthzFacts} from '../../../src/features/authz/read.ts'
import {runChecks} from '../../../src/findings/check.ts'
import {authzFacts, planeFacts} from '../federate/samples-mesh.ts'
import {attach, healthy, host, policy, webPod, webTarget} from './samples.ts'

const checks = [nameAvailable, oneProvider, fieldsAllowed, providerNotShared]

function found(facts: Partial<AuthzFacts>, more: Partial<AttachSubject> = {}): string[] {
  const all = authzFacts({...healthy, ...facts})
  const subject = {spec: attach(), facts: all, host, target: webTarget, denied: [], isOurs: () => false, ...more}
  return runChecks(checks, subject).map(({level, check, message}) => `${level} ${check}: ${message}`)
}

const several = {PILOT_ENABLE_MULTIPLE_CUSTOM_AUTHZ_PROVIDERS: 'true'}
const custom = policy('shop/theirs', 'theirs')
const live = {
  name: 'ext',
  type: 'grpc' as const,
  service: 'old',
  port: 1,
  failOpen: false,
  timeout: '1s',
  from: 'mesh-config' as const,
}

describe('one finding', () => {
  test.each<[string, Partial<AuthzFacts>, Partial<AttachSubject>, string]>([
    [
      'a second provider',
      {policies: [custom]},
      {},
      'error one-provider: AuthorizationPolicy shop/theirs applies provider theirs to the same workloads: istiod would deny all requests',
    ],
    ['a second provider, before pods exist', {policies: [custom], pods: []}, {}, 'error one-provider: '],
    [
      'a second provider in the root namespace',
      {mesh: {rootNamespace: 'root'}, policies: [policy('root/theirs', 'theirs')]},
      {},
      'error one-provider: AuthorizationPolicy root/theirs',
    ],
    [
      'a second provider with Istio 1.29, with any environment',
      {policies: [custom], controlPlane: planeFacts({version: '1.29.6', env: several})},
      {},
      'error one-provider',
    ],
    [
      'the name of a tracer',
      {providerNames: ['ext']},
      {},
      'error name: provider ext of the mesh config is not an external authorizer',
    ],
    [
      'the name of another policy',
      {allPolicies: [policy('shop/ext', 'x', {action: 'ALLOW'})]},
      {},
      'error name: AuthorizationPolicy shop/ext exists and does not use an external authorizer',
    ],
    [
      'a field that istiod rejects',
      {allPolicies: [policy('shop/ext', 'ext', {rules: [{from: [{source: {principals: ['a']}}]}]})]},
      {},
      'error fields: AuthorizationPolicy shop/ext: field principals cannot be used with an external authorizer',
    ],
    [
      'a provider that another policy uses',
      {providers: [live], providerNames: ['ext'], policies: [policy('other/p', 'ext')]},
      {},
      `warning users: AuthorizationPolicy other/p also uses provider ext, which changes from old:1 to ${host}:9000`,
    ],
  ])('%s', (_, facts, more, text) => {
    expect(found(facts, more)).toEqual([expect.stringContaining(text)])
  })
})

describe('no finding', () => {
  test.each<[string, Partial<AuthzFacts>, Partial<AttachSubject>]>([
    ['healthy', {}, {}],
    [
      'a second provider with Istio 1.30 that accepts several',
      {policies: [custom], controlPlane: planeFacts({version: '1.30.3', env: several})},
      {},
    ],
    ['a second provider for an EnvoyFilter', {policies: [custom]}, {spec: attach({via: 'envoy-filter'})}],
    [
      'a second provider elsewhere',
      {
        policies: [
          policy('other/theirs', 'theirs'),
          policy('shop/theirs', 'theirs', {selector: {matchLabels: {app: 'db'}}}),
        ],
      },
      {},
    ],
    [
      'another policy uses the provider, which does not change',
      {providers: [{...live, service: host, port: 9000}], providerNames: ['ext'], policies: [policy('other/p', 'ext')]},
      {},
    ],
  ])('%s', (_, facts, more) => {
    expect(found(facts, more)).toEqual([])
  })
})

test('competing policies of given pods, and the finding for a field', () => {
  const facts = authzFacts({policies: [custom, policy('shop/ext', 'ext')]})
  const spec = {name: 'ext', systemNamespace: 'istio-system'}
  expect(competingPolicies(spec, [webPod], facts)).toEqual([custom])
  expect(competingPolicies(spec, [], facts)).toEqual([])
  expect(refusedField(custom, 'namespaces').message).toContain('shop/theirs: field namespaces')
})
