import {expect, test} from 'vitest'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import {clientRuleProblems} from '../../../src/mesh/services/client-rules.ts'
import {buildServiceImport} from '../../../src/mesh/services/objects.ts'
import {exporter, hello, place} from './samples-imports.ts'

const imported = hello({east: exporter('east')})
const own = buildServiceImport(place, imported).find(({object}) => object.kind === 'DestinationRule')!.object
const policy = (own.spec as {trafficPolicy: object}).trafficPolicy

const rule = (namespace: string, spec: object, name = 'client'): KubernetesObject => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'DestinationRule',
  metadata: {name, namespace},
  spec,
})
const problems = (...rules: KubernetesObject[]) =>
  clientRuleProblems([imported], rules, {systemNamespace: 'istio-system', context: 'west'})

test.each<[string, KubernetesObject, RegExp]>([
  ['the exact host', rule('sample', {host: 'hello.sample.global'}), /for clients in namespace sample:/],
  ['all hosts', rule('sample', {host: '*'}), /for clients in namespace sample:/],
  [
    'the hosts of a namespace, with other settings',
    rule('sample', {host: '*.sample.global', trafficPolicy: {connectionPool: {tcp: {maxConnections: 10}}}}),
    /^DestinationRule sample\/client replaces the rule of hello\.sample\.global for clients/,
  ],
  [
    'mTLS with the SNI of Istio',
    rule('sample', {host: '*.global', trafficPolicy: {tls: {mode: 'ISTIO_MUTUAL'}}}),
    /have an SNI that no gateway accepts$/,
  ],
  [
    'the SNI of only one port',
    rule('sample', {
      host: '*.global',
      trafficPolicy: {portLevelSettings: (policy as {portLevelSettings: object[]}).portLevelSettings.slice(0, 1)},
    }),
    /DestinationRule sample\/client/,
  ],
  ['the exact host in the system namespace', rule('istio-system', {host: 'hello.sample.global'}), /for all clients:/],
])('a rule for %s is reported', (_, found, message) => {
  expect(problems(own, found).map(one => one.message)).toEqual([expect.stringMatching(message)])
})

test.each<[string, KubernetesObject]>([
  ['with the same settings', rule('sample', {host: '*.sample.global', trafficPolicy: policy})],
  ['for another host', rule('sample', {host: 'other.sample.global'})],
  ['for a Service of the same name', rule('sample', {host: 'hello'})],
  ['for more hosts in the system namespace', rule('istio-system', {host: '*.global'})],
])('a rule %s is not', (_, found) => {
  expect(problems(own, found)).toEqual([])
})
