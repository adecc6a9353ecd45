import {expect, test} from 'vitest'
import {ApiError} from '../../../src/engine/cluster/errors.ts'
import {applyConflict, editConflict, immutableConflict, missingTarget} from '../../../src/engine/plan/conflict.ts'

const service = {apiVersion: 'v1', kind: 'Service', namespace: 'istio-system', name: 'gateway'}
const node = {apiVersion: 'v1', kind: 'Node', name: 'n1'}

test('a conflict of an apply names the fields with their owners, and how to see and to take them over', () =>
  expect(
    applyConflict('east', {context: 'ctx'}, service, [
      {field: '.spec.type', manager: 'helm'},
      {field: '.spec.ports', manager: 'argo-cd'},
    ]),
  ).toEqual({
    message: 'east: service/gateway in istio-system: other managers own .spec.type (helm), .spec.ports (argo-cd)',
    hints: [
      'show the owners: kubectl --context ctx -n istio-system get service/gateway -o yaml --show-managed-fields',
      'take these fields over: add --force-conflicts',
    ],
  }))

test('a conflict of an apply without details', () =>
  expect(applyConflict('east', {context: 'ctx'}, node, [])).toMatchObject({
    message: 'east: node/n1: other managers own some of its fields',
    hints: [expect.stringContaining('kubectl --context ctx get node/n1'), expect.anything()],
  }))

test.each([
  [
    422,
    'Deployment.apps "d" is invalid: spec.selector: Invalid value: {"matchLabels":{"app":"d"}}: field is immutable',
    'east: deployment.apps/d in istio-system already exists, created by terraform, and Kubernetes does not change its spec.selector',
  ],
  [
    422,
    'RoleBinding "d" is invalid: roleRef: Invalid value: {"kind":"Role"}: cannot change roleRef',
    expect.stringMatching(/does not change its roleRef$/),
  ],
  [
    422,
    'Deployment.apps "d" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    undefined,
  ],
  [403, 'field is immutable', undefined],
])('a change of what is immutable: %s %s', (status, text, message) => {
  const live = {
    ...{apiVersion: 'apps/v1', kind: 'Deployment'},
    metadata: {...service, name: 'd', managedFields: [{manager: 'terraform', operation: 'Apply' as const}]},
  }
  const problem = immutableConflict('east', {context: 'ctx'}, live, new ApiError(status, undefined, text))
  expect(problem?.message).toEqual(message)
  if (problem)
    expect(problem.hints![0]).toBe('show it: kubectl --context ctx -n istio-system get deployment.apps/d -o yaml')
})

test('a conflict of an edit names the values with their owners', () =>
  expect(editConflict('east', node, [{field: 'label a', value: 'b', owners: ['helm', 'argo-cd']}])).toMatchObject({
    message: 'east: node/n1: other managers own values that would change: label a is b (helm, argo-cd)',
  }))

test('an edit without a target', () =>
  expect(missingTarget('east', service)).toEqual({message: 'east: service/gateway in istio-system does not exist'}))
