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

/** The object as istiod left it; `owner` is who set the failurePolicy last. */
function live(owner: string): KubernetesObject {
  const field = {'f:webhooks': {'k:{"name":"a"}': {'f:failurePolicy': {}}}}
  return {
    ...desired,
    metadata: {name: 'v', managedFields: [{manager: owner, operation: 'Update', fieldsV1: field}]},
    webhooks: [{name: 'a', failurePolicy: 'Fail', clientConfig: {service: {name: 's'}, caBundle: 'ca'}}],
  }
}

test('a field that a controller has taken over is not sent; a webhook that is not there yet is sent whole', () => {
  expect(leaveToControllers(desired, live('pilot-discovery'), 'kubectl-mesh').webhooks).toEqual([
    {name: 'a', clientConfig: {service: {name: 's'}}},
    {name: 'new', failurePolicy: 'Ignore', clientConfig: {}},
  ])
})

test('a field that is still ours is sent as it is live: leaving it out would remove it', () => {
  const [first] = leaveToControllers(desired, live('kubectl-mesh'), 'kubectl-mesh').webhooks as object[]
  expect(first).toEqual({name: 'a', failurePolicy: 'Fail', clientConfig: {service: {name: 's'}}})
})

test('what was asked for stays as it was, and other kinds are passed through', () => {
  const before = structuredClone(desired)
  leaveToControllers(desired, live('x'), 'kubectl-mesh')
  expect(desired).toEqual(before)
  const other = {...desired, kind: 'ConfigMap'}
  expect(leaveToControllers(other, live('x'), 'kubectl-mesh')).toBe(other)
})
