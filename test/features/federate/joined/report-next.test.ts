import {expect, test} from 'vitest'
import type {KubernetesObject} from '../../../../src/engine/kubernetes/object.ts'
import {refOf} from '../../../../src/engine/kubernetes/object.ts'
import type {Outcome} from '../../../../src/engine/plan/apply.ts'
import {nextSteps} from '../../../../src/features/federate/joined/report-next.ts'
import {federationFields} from '../../../../src/features/federate/spec.ts'
import {readSpec} from '../../../../src/spec/read.ts'
import {member} from '../../../mesh/samples.ts'

const all = [member('east', {}), member('west', {})]
const contexts = all.map(({context}) => context)
const specOf = (more: object = {}) => readSpec(federationFields, {contexts, ...more})

function created(cluster: string, object: KubernetesObject, result: Outcome['result'] = 'ok'): Outcome {
  const change = {action: 'apply', cluster, wave: 20, object} as const
  return {cluster, result, step: {change, ref: refOf(object), verdict: 'create', live: undefined, merged: object}}
}

const cacerts: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: {name: 'cacerts', namespace: 'istio-system'},
}
const istiod: KubernetesObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {name: 'istiod', namespace: 'istio-system'},
  spec: {template: {spec: {containers: [{name: 'discovery'}]}}},
}
const verify = `kubectl mesh federate verify --contexts ${contexts.join(',')}`

test('the verification is always next', () => expect(nextSteps(specOf(), all, [], '')).toEqual([verify]))

test('with the flags that select clusters and the user', () =>
  expect(nextSteps(specOf({systemNamespace: 'mesh', caDir: 'ca'}), all, [], "--kubeconfig 'a b'")).toEqual([
    `${verify} --system-namespace mesh --kubeconfig 'a b'`,
  ]))

test('an istiod that ran before uses a new CA after a restart', () => {
  const outcomes = [created('east', cacerts), created('west', cacerts, 'failed')]
  expect(nextSteps(specOf(), all, outcomes, '')).toEqual([
    verify,
    `kubectl --context ${contexts[0]} -n istio-system rollout restart deployment -l app=istiod`,
  ])
})

test('namespaces need a label for the sidecars of a new control plane', () => {
  const outcomes = [created('west', cacerts), created('west', istiod)]
  const label = `kubectl --context ${contexts[1]} label namespace NAMESPACE`
  expect(nextSteps(specOf(), all, outcomes, '')).toEqual([verify, `${label} istio-injection=enabled`])
  expect(nextSteps(specOf({revision: '1-31'}), all, outcomes, '').at(-1)).toBe(`${label} istio.io/rev=1-31`)
})

test('ambient clusters share Services next', () => {
  const steps = nextSteps(specOf({dataPlane: 'ambient', network: {[contexts[0]!]: 'net-a'}}), all, [], '--kubeconfig x')
  expect(steps).toEqual([
    `kubectl mesh federate verify --contexts ${contexts.join(',')} --network ${contexts[0]}=net-a --kubeconfig x`,
    `kubectl mesh service export NAME -n NAMESPACE --contexts ${contexts.join(',')} --kubeconfig x`,
  ])
})
