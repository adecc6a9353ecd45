import {expect, test} from 'vitest'
import type {KubernetesObject} from '../../../../src/engine/kubernetes/object.ts'
import {isWebhookOf} from '../../../../src/features/tenant/remove/istio.ts'
import {tenantOf} from '../samples.ts'

function webhookOf(service: {name: string; namespace: string}, revision?: string): KubernetesObject {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: {name: 'x', labels: revision ? {'istio.io/rev': revision} : {}},
    webhooks: [{name: 'w', clientConfig: {service}}],
  }
}

test.each([
  [{name: 'istiod-a', namespace: 'a'}, undefined, true],
  [{name: 'istiod-revision-tag-stable', namespace: 'a'}, 'a', true],
  [{name: 'istiod-revision-tag-stable', namespace: 'a'}, 'b', false],
  [{name: 'istiod-a', namespace: 'b'}, 'a', false],
])('Service %j, revision %j: %j', (service, revision, expected) => {
  expect(isWebhookOf(webhookOf(service, revision), tenantOf('a'))).toBe(expected)
})
