import {expect, test} from 'vitest'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import {leaveToControllers} from '../../../src/engine/plan/controllers.ts'

const desired: KubernetesObject = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingWebhookConfiguration',
  metadata: {name: 'v'},
  webhooks: [
    {name: 'a', failurePolicy: 'Ignore', clientConfig: {service: {name: 's'}}},
    {name: 'new', failurePolicy: 'Ignore', clientConfig: {}},
  ],
}

/** The live object after istiod changed it. `owner` is the manager of failurePolicy. */
function live(owner: string): KubernetesObject {
  const field = {'f:webhooks': {'k:{"name":"a"}': {'f:failurePolicy': {}}}}
  return {
    ...desired,
    metadata: {name: 'v', managedFields: [{manager: owner, operation: 'Update', fieldsV1: field}]},
    webhooks: [{name: 'a', failurePolicy: 'Fail', clientConfig: {service: {name: 's'}, caBundle: 'ca'}}],
  }
}

test('a field of a controller is not sent; a new webhook is sent as a whole', () => {
  expect(leaveToControllers(desired, live('pilot-discovery'), 'kubectl-mesh').webhooks).toEqual([
    {name: 'a', clientConfig: {service: {name: 's'}}},
    {name: 'new', failurePolicy: 'Ignore', clientConfig: {}},
  ])
})

test('a field that we still own is sent with its live value, since omitting it would remove it', () => {
  const [first] = leaveToControllers(desired, live('kubectl-mesh'), 'kubectl-mesh').webhooks as object[]
  expect(first).toEqual({name: 'a', failurePolicy: 'Fail', clientConfig: {service: {name: 's'}}})
})

test('the input is not changed, and other kinds are returned as they are', () => {
  const before = structuredClone(desired)
  leaveToControllers(desired, live('x'), 'kubectl-mesh')
  expect(desired).toEqual(before)
  const other = {...desired, kind: 'ConfigMap'}
  expect(leaveToControllers(other, live('x'), 'kubectl-mesh')).toBe(other)
})
