import {describe, expect, test} from 'vitest'
import {
  noClientRules,
  preferCloseSupported,
  ruleAllowsSettings,
} from '../../../../src/features/locality/balance/checks-rules.ts'
import type {localityBalanceFields} from '../../../../src/features/locality/balance/spec.ts'
import type {LocalityFacts} from '../../../../src/features/locality/read.ts'
import type {RawSpec} from '../../../../src/spec/read.ts'
import {planeFacts} from '../../federate/samples-mesh.ts'
import {rule} from '../samples.ts'
import {findingsOf} from './samples.ts'

const checks = [ruleAllowsSettings, noClientRules, preferCloseSupported]
const setting = (localityLbSetting: object) => ({loadBalancer: {localityLbSetting}})
const distribute = setting({distribute: []})
const failover = setting({failover: []})
const priority = setting({failoverPriority: []})
const close = {preferClose: true}

describe('an existing DestinationRule', () => {
  test.each<[string, RawSpec<typeof localityBalanceFields>, Partial<LocalityFacts>, string[]]>([
    ['none', {failover: ['r=q']}, {}, []],
    [
      'with another setting that does not conflict',
      {failover: ['r=q']},
      {rules: [rule('shop/web', 'web', priority)]},
      [],
    ],
    [
      'with distribute',
      {failover: ['r=q']},
      {rules: [rule('shop/web', 'web', distribute)]},
      ['error rule: .* has distribute, which conflicts with failover'],
    ],
    [
      'with failover',
      {distribute: ['r=r:50,q:50']},
      {rules: [rule('shop/web', 'web', failover)]},
      ['error rule: .* has failover, which conflicts with distribute'],
    ],
    [
      'with failoverPriority',
      {distribute: ['r=r:50,q:50']},
      {rules: [rule('shop/web', 'web', priority)]},
      ['error rule: .* has failover, which conflicts with distribute'],
    ],
    [
      'that this manager has written',
      {failover: ['r=q']},
      {rules: [rule('shop/web', 'web', distribute, {managedFields: [{manager: 'kubectl-mesh'}]})]},
      [],
    ],
    [
      'with port-level settings',
      {},
      {
        rules: [
          rule('shop/web', 'web', {
            portLevelSettings: [{port: {number: 80}, outlierDetection: {}}, {port: {number: 81}}],
          }),
        ],
      },
      ['warning rule: .* has port-level settings for port 80, which override'],
    ],
    [
      'for a wildcard host, which is replaced',
      {},
      {rules: [rule('shop/wide', '*.shop.svc.cluster.local')]},
      ['warning rule: .* shop/wide .* no longer applies'],
    ],
    [
      'with --prefer-close',
      close,
      {rules: [rule('shop/web', 'web', failover)]},
      ['error rule: .* take precedence over'],
    ],
    [
      'for a wildcard host with --prefer-close',
      close,
      {rules: [rule('shop/wide', '*.shop.svc.cluster.local', failover)]},
      ['error rule: .* take precedence over'],
    ],
    ['without locality settings with --prefer-close', close, {rules: [rule('shop/web', 'web')]}, []],
    [
      'in the namespace of a client',
      {},
      {rules: [rule('client/web', 'web.shop.svc.cluster.local')]},
      ['warning client-rules: .* clients in namespace client use DestinationRule client/web instead'],
    ],
    [
      'in the root namespace, for another host',
      {},
      {rules: [rule('istio-system/db', 'db.shop.svc.cluster.local')]},
      [],
    ],
  ])('%s', (_, raw, facts, expected) => {
    expect(findingsOf(checks, raw, facts)).toEqual(expected.map(text => expect.stringMatching(text)))
  })
})

test('--prefer-close needs Istio 1.25 and a Service', () => {
  const old = {controlPlane: planeFacts({version: '1.24.6'})}
  expect(findingsOf(checks, close)).toEqual([])
  expect(findingsOf(checks, {}, old)).toEqual([])
  expect(findingsOf(checks, {...close, hosts: ['api.example.com']}, old)).toEqual([
    'error prefer-close: Istio 1.24.6 does not read trafficDistribution for sidecars; Istio 1.25 or newer does',
    'error prefer-close: --prefer-close: api.example.com is not a Service of the cluster',
  ])
})
