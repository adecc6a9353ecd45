import {describe, expect, test} from 'vitest'
import type {Edit, FieldEdit} from '../../../src/engine/kubernetes/change.ts'
import {type KubernetesObject, refOf} from '../../../src/engine/kubernetes/object.ts'
import type {Step} from '../../../src/engine/plan/plan.ts'
import {risksOf} from '../../../src/run/review/risks.ts'
import {configMap, creates, planOf, removes, secret, updates} from '../../terminal/output/steps.ts'

const risks = (...steps: Step[]) => risksOf(planOf(...steps), 'kubectl-mesh')

const workload = (name: string, image: string, kind = 'Deployment'): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: {name, namespace: 'istio-system'},
  spec: {replicas: 1, template: {spec: {containers: [{name: 'discovery', image}]}}},
})
const clusterObject = (kind: string, name: string): KubernetesObject => ({apiVersion: 'v1', kind, metadata: {name}})

function edits(live: KubernetesObject, merged: KubernetesObject, edit: FieldEdit): Step {
  const change: Edit = {action: 'edit', cluster: 'east', wave: 30, target: refOf(live), edits: [edit]}
  return {change, ref: refOf(live), verdict: 'update', live, merged}
}

describe('restarts', () => {
  test('of workloads whose pods change', () =>
    expect(risks(updates(workload('istiod', 'a'), workload('istiod', 'b')))).toEqual([
      'the pods of Deployment istio-system/istiod restart',
    ]))

  test('not of workloads that only scale, and not of new ones', () => {
    const live = workload('istiod', 'a')
    const scaled = {...live, spec: {...(live.spec as object), replicas: 2}}
    expect(risks(updates(live, scaled), creates(workload('gw', 'a')))).toEqual([])
  })

  test('of many in one sentence', () => {
    const names = ['a', 'b', 'c', 'd']
    expect(
      risks(...names.map(name => updates(workload(name, '1', 'DaemonSet'), workload(name, '2', 'DaemonSet')))),
    ).toEqual([
      'the pods of DaemonSet istio-system/a, DaemonSet istio-system/b, DaemonSet istio-system/c and 1 more restart',
    ])
  })
})

describe('certificates', () => {
  const istiodUsesIt = 'istiod starts to use the new CA only after a restart'

  test('a new CA is used after a restart, unless istiod is new too', () => {
    expect(risks(creates(secret('cacerts', {'ca-cert.pem': 'a'})))).toEqual([istiodUsesIt])
    expect(risks(creates(secret('cacerts', {})), creates(workload('istiod', 'a')))).toEqual([])
  })

  test.each(['tls.crt', 'ca-cert.pem', 'cert-chain.pem', 'cert'])('%s is replaced', key =>
    expect(risks(updates(secret('web', {[key]: 'a', other: 'x'}), secret('web', {[key]: 'b', other: 'x'})))).toEqual([
      'the certificate in Secret istio-system/web is replaced',
    ]),
  )

  test('other keys of a Secret are no certificates', () =>
    expect(
      risks(updates(secret('web', {token: 'a', certain: 'a'}), secret('web', {token: 'b', certain: 'b'}))),
    ).toEqual([]))
})

describe('deletions', () => {
  test('of namespaces, definitions and workloads, with what they contain', () =>
    expect(
      risks(
        removes(clusterObject('Namespace', 'a')),
        removes(clusterObject('Namespace', 'b')),
        removes(clusterObject('CustomResourceDefinition', 'gateways')),
        removes(workload('gw', 'a')),
        removes(configMap('harmless', {})),
      ),
    ).toEqual([
      'everything in 2 namespaces (a, b) is deleted',
      'all resources of CustomResourceDefinition gateways are deleted',
      'the pods of Deployment istio-system/gw are deleted',
    ]))

  test('of objects that are created again', () =>
    expect(risks(removes(workload('gw', 'a')), creates(workload('gw', 'b')))).toEqual([
      'Deployment istio-system/gw is deleted and created again',
    ]))
})

describe('shared configuration', () => {
  test('the mesh config of all proxies', () => {
    const [live, merged] = [configMap('istio', {mesh: 'a: 1'}), configMap('istio', {mesh: 'a: 2'})]
    const edit: FieldEdit = {at: 'text', path: ['data', 'mesh'], about: 'a: 2', edit: text => text}
    expect(risks(edits(live, merged, edit))).toEqual([
      'the mesh config in ConfigMap istio-system/istio changes for all proxies: a: 2',
    ])
  })

  test('DNS', () => {
    const [live, merged] = [configMap('coredns', {Corefile: '.'}), configMap('coredns', {Corefile: '. {}'})]
    const edit: FieldEdit = {at: 'text', path: ['data', 'Corefile'], about: 'add global', edit: text => text}
    expect(risks(edits(live, merged, edit))).toEqual([
      'the DNS server of all pods reads a new configuration, ConfigMap istio-system/coredns: add global',
    ])
    const resolver = {...clusterObject('DNS', 'default'), apiVersion: 'operator.openshift.io/v1'}
    expect(risks(updates(resolver, {...resolver, spec: {}}))).toEqual([
      'the DNS server of all pods reads a new configuration, DNS default',
    ])
  })
})

test('fields of other managers', () => {
  const owned = (manager: string) => [{manager, operation: 'Apply', fieldsV1: {'f:data': {'f:a': {}}}} as const]
  const live = configMap('x', {a: '1'}, {managedFields: owned('helm')})
  const merged = configMap('x', {a: '2'}, {managedFields: owned('kubectl-mesh')})
  expect(risks(updates(live, merged))).toEqual(['ConfigMap istio-system/x: .data.a is taken over from helm'])
})

test('nothing for a plan without changes', () => {
  const same = workload('istiod', 'a')
  expect(risks(updates(same, same, 'unchanged'))).toEqual([])
})

test('without an injection webhook, new pods get no sidecar', () => {
  const webhookAt = (name: string, path: string) => ({
    ...clusterObject('MutatingWebhookConfiguration', name),
    webhooks: [{name: 'w', clientConfig: {service: {name: 'istiod', namespace: 'istio-system', path}}}],
  })
  const webhook = webhookAt('istio-sidecar-injector', '/inject/cluster/east/net/a')
  expect(risks(removes(webhook))).toEqual([
    'MutatingWebhookConfiguration istio-sidecar-injector injects sidecars and is deleted: new pods get none from it',
  ])
  expect(risks(creates(webhook), updates(webhook, webhook))).toEqual([])
  expect(risks(removes(webhookAt('policy', '/mutate')))).toEqual([])
})
