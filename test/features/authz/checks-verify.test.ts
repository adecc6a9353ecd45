import {describe, expect, test} from 'vitest'
import {verifyChecksFor} from '../../../src/features/authz/checks-verify.ts'
import type {AuthzFacts} from '../../../src/features/authz/read.ts'
import type {VerifySubject} from '../../../src/features/authz/target/subject.ts'
import {runChecks} from '../../../src/findings/check.ts'
import {authzFacts, object, planeFacts} from '../federate/samples-mesh.ts'
import {healthy, host, policy} from './samples.ts'

const verified = {name: 'ext', systemNamespace: 'istio-system', revision: undefined, clusterDomain: 'cluster.local'}
const webFilter = object('EnvoyFilter', 'shop/ext', {spec: {workloadSelector: {labels: {app: 'web'}}}})

describe('mesh authz verify', () => {
  const provider = {name: 'ext', type: 'grpc' as const, service: host, port: 9000, failOpen: false, timeout: '5s'}
  const verify = (facts: Partial<AuthzFacts>, more: Partial<VerifySubject> = {}) => {
    const subject = {
      spec: verified,
      facts: authzFacts({...healthy, policies: [policy('shop/ext', 'ext')], ...facts}),
      provider,
      filter: undefined,
      unrecorded: [],
      isOurs: () => false,
      ...more,
    }
    return runChecks(verifyChecksFor(subject), subject).map(({level, check}) => `${level} ${check}`)
  }
  test.each<[string, Partial<AuthzFacts>, Partial<VerifySubject>, string[]]>([
    ['healthy', {}, {}, []],
    ['no provider', {}, {provider: undefined}, ['error provider']],
    ['no policy', {policies: []}, {}, ['error policy']],
    ['neither', {policies: []}, {provider: undefined}, ['error provider', 'error policy']],
    [
      'a policy that applies to no pod',
      {policies: [policy('shop/ext', 'ext', {selector: {matchLabels: {app: 'db'}}})]},
      {},
      ['error workloads'],
    ],
    ['fails open', {}, {provider: {...provider, failOpen: true}}, ['warning when-down']],
    ['without a timeout', {}, {provider: {...provider, timeout: undefined}}, ['warning when-down']],
    ['a filter instead of provider and policy', {policies: []}, {provider: undefined, filter: webFilter}, []],
    ['a forged label', {}, {unrecorded: [policy('other/forged', 'x')]}, ['warning record']],
    ['two authorizers', {policies: [policy('shop/ext', 'ext'), policy('shop/b', 'b')]}, {}, ['error one-provider']],
  ])('%s', (_, facts, more, ids) => {
    expect(verify(facts, more)).toEqual(ids)
  })

  test('a name that is not a DNS label is an error since Istio 1.30', () => {
    const named = {spec: {...verified, name: 'Ext'}, provider: {...provider, name: 'Ext'}}
    const policies = [policy('shop/ext', 'Ext')]
    expect(verify({policies}, named)).toEqual(['error name'])
    expect(verify({policies, controlPlane: planeFacts({version: '1.29.6'})}, named)).toEqual(['warning name'])
  })

  test('checks of a missing provider or policy are omitted', () => {
    const ids = (policies: AuthzFacts['policies'], found: VerifySubject['provider']) =>
      verifyChecksFor({
        spec: verified,
        facts: authzFacts({...healthy, policies}),
        provider: found,
        filter: undefined,
        unrecorded: [],
        isOurs: () => false,
      }).map(({id}) => id)
    const always = ['control-plane', 'mesh-config', 'provider', 'name', 'policy', 'read', 'record']
    expect(ids([], undefined)).toEqual(always)
    expect(ids([policy('shop/ext', 'ext')], undefined)).toEqual([
      ...always.slice(0, -1),
      ...['workloads', 'proxies', 'revisions', 'fields', 'one-provider', 'record'],
    ])
    expect(ids([], provider)).toEqual(expect.arrayContaining(['service', 'endpoints', 'mtls', 'when-down']))
  })
})
