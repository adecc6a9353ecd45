import {expect, test} from 'vitest'
import {applyConflict, editConflict, missingTarget} from '../../../src/engine/plan/conflict.ts'

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

test('a conflict of an edit names the values with their owners', () =>
  expect(editConflict('east', node, [{field: 'label a', value: 'b', owners: ['helm', 'argo-cd']}])).toMatchObject({
    message: 'east: node/n1: other managers own values that would change: label a is b (helm, argo-cd)',
  }))

test('an edit without a target', () =>
  expect(missingTarget('east', service)).toEqual({message: 'east: service/gateway in istio-system does not exist'}))
