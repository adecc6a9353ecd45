import {describe, expect, test} from 'vitest'
import type {Edit} from '../../../src/engine/kubernetes/change.ts'
import type {KubernetesObject, ManagedFields} from '../../../src/engine/kubernetes/object.ts'
import {refOf} from '../../../src/engine/kubernetes/object.ts'
import type {Step} from '../../../src/engine/plan/plan.ts'
import {takenFields} from '../../../src/engine/plan/taken.ts'

const me = 'kubectl-mesh'

const entry = (manager: string, fieldsV1: ManagedFields['fieldsV1'], more: Partial<ManagedFields> = {}) =>
  ({manager, operation: 'Apply', apiVersion: 'v1', fieldsV1: fieldsV1!, ...more}) satisfies ManagedFields

const service = (...managedFields: ManagedFields[]): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {name: 'gw', namespace: 'istio-system', managedFields},
})

function applies(live: KubernetesObject, merged: KubernetesObject): Step {
  const change = {action: 'apply', cluster: 'east', wave: 40, object: merged} as const
  return {change, ref: refOf(live), verdict: 'update', live, merged}
}

describe('an apply takes over what the entries of other managers lose', () => {
  const ports = (...numbers: number[]) =>
    Object.fromEntries(numbers.map(port => [`k:{"port":${port},"protocol":"TCP"}`, {'.': {}, 'f:port': {}}]))

  test('with the names of API servers for fields and items', () => {
    const live = service(
      entry('helm', {
        'f:spec': {'f:type': {}, 'f:ports': ports(443, 80)},
        'f:metadata': {'f:finalizers': {'v:"x"': {}}},
      }),
      entry('argocd', {'f:spec': {'f:type': {}}}),
    )
    const merged = service(entry('helm', {'f:spec': {'f:ports': ports(80)}}), entry(me, {'f:spec': {'f:type': {}}}))
    expect(takenFields(applies(live, merged), me)).toEqual([
      {
        manager: 'helm',
        fields: ['.spec.type', '.spec.ports[port=443,protocol="TCP"].port', '.metadata.finalizers["x"]'],
      },
      {manager: 'argocd', fields: ['.spec.type']},
    ])
  })

  test('but not what we own, what stays shared, or a status', () => {
    const live = service(
      entry(me, {'f:spec': {'f:type': {}}}),
      entry('helm', {'f:spec': {'f:selector': {}}}),
      entry('cloud', {'f:status': {'f:loadBalancer': {}}}, {operation: 'Update', subresource: 'status'}),
    )
    const merged = service(entry('helm', {'f:spec': {'f:selector': {}}}), entry(me, {'f:spec': {'f:selector': {}}}))
    expect(takenFields(applies(live, merged), me)).toEqual([])
  })
})

test('an edit takes over values of other managers', () => {
  const live = service(entry('helm', {'f:metadata': {'f:labels': {'f:a': {}}}}, {operation: 'Update'}))
  live.metadata.labels = {a: '1'}
  const change: Edit = {
    action: 'edit',
    cluster: 'east',
    wave: 10,
    target: refOf(live),
    edits: [{at: 'label', key: 'a', value: '2'}],
  }
  const merged = {...live, metadata: {...live.metadata, labels: {a: '2'}}}
  expect(takenFields({change, ref: refOf(live), verdict: 'update', live, merged}, me)).toEqual([
    {manager: 'helm', fields: ['label a']},
  ])
})

test('a new object takes over nothing', () => {
  const object = service(entry(me, {'f:spec': {}}))
  expect(takenFields({...applies(object, object), verdict: 'create', live: undefined}, me)).toEqual([])
})
