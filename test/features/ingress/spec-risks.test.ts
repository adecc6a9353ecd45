import {describe, expect, test} from 'vitest'
import {ingressDeployFields} from '../../../src/features/ingress/spec-deploy.ts'
import {ingressRisks} from '../../../src/features/ingress/spec-risks.ts'
import {readSpec} from '../../../src/spec/read.ts'
import {mergeSettings, type SettingsInput} from '../../../src/spec/settings.ts'
import type {RawDeploy} from './samples.ts'

type Input = SettingsInput<typeof ingressDeployFields>

function risksOf(stored: RawDeploy | undefined, requested: RawDeploy, more: Partial<Input> = {}) {
  const input: Input = {stored, requested, reset: [], complete: false, ...more}
  return ingressRisks(input, readSpec(ingressDeployFields, mergeSettings(ingressDeployFields, input)))
}

describe('describes', () => {
  test.each<[string, RawDeploy, RawDeploy, string, string]>([
    [
      'a host port',
      {hostPorts: ['80:8080']},
      {hostPorts: ['80:8080', '443:8443']},
      'host-port',
      'host port 443 will be',
    ],
    [
      'other nodes',
      {nodeSelector: ['a=b']},
      {nodeSelector: ['c=d']},
      'node-selector',
      'on nodes with c=d; now it runs on nodes with a=b',
    ],
    [
      'a load balancer',
      {serviceType: 'NodePort'},
      {serviceType: 'LoadBalancer'},
      'service-type',
      'from NodePort to LoadBalancer',
    ],
    ['node ports', {serviceType: 'ClusterIP'}, {serviceType: 'NodePort'}, 'service-type', 'opens a port on every node'],
  ])('%s', (_, stored, requested, flag, text) =>
    expect(risksOf(stored, requested)).toEqual([{flag, text: expect.stringContaining(text), isExplicit: true}]),
  )
})

test('what a file omits is not explicit; --reset is', () => {
  const stored = {hostPorts: ['80:8080'], nodeSelector: ['a=b']}
  const omitted = risksOf(stored, {}, {complete: true})
  expect(omitted.map(({flag, isExplicit}) => [flag, isExplicit])).toEqual([
    ['node-selector', false],
    ['host-port', false],
  ])
  expect(omitted[1]!.text).toBe(
    'the Service of the gateway changes from ClusterIP to LoadBalancer, which may get a public address',
  )
  const reset = risksOf(stored, {}, {complete: true, reset: ['host-port', 'node-selector']})
  expect(reset.map(({isExplicit}) => isExplicit)).toEqual([true, true])
})

test.each<[RawDeploy | undefined, RawDeploy]>([
  [undefined, {hostPorts: ['80:8080']}],
  [{hostPorts: ['80:8080', '443:8443']}, {hostPorts: ['80:8081']}],
  [{serviceType: 'LoadBalancer'}, {serviceType: 'ClusterIP'}],
  [{}, {kind: 'daemonset'}],
])('%j, then %j: nothing to describe', (stored, requested) => expect(risksOf(stored, requested)).toEqual([]))
