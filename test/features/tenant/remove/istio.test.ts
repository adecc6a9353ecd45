import {expect, test} from 'vitest'
import type {KubernetesObject} from '../../../../src/engine/kubernetes/object.ts'
import {isWebhookOf, keepReason} from '../../../../src/features/tenant/remove/istio.ts'
import {namespaceOf, tenantOf} from '../samples.ts'

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
  [{name: 'policy', namespace: 'a'}, 'a', false],
])('Service %j, revision %j: %j', (service, revision, expected) => {
  expect(isWebhookOf(webhookOf(service, revision), tenantOf('a'))).toBe(expected)
})

test.each([
  ['app', 'uid-app', undefined],
  ['app', 'another', 'was not created by kubectl-mesh'],
  ['unlisted', 'uid', 'was not created by kubectl-mesh'],
  ['default', 'uid-default', 'is reserved for Kubernetes'],
  ['kube-system', 'uid-kube', 'is reserved for Kubernetes'],
  ['b', 'uid-b', 'is the system namespace of b'],
])('namespace %s with UID %s: %j', (name, uid, reason) => {
  const namespace = {...namespaceOf(name), metadata: {name, uid}}
  const created = new Map([
    ['app', 'uid-app'],
    ['default', 'uid-default'],
    ['kube-system', 'uid-kube'],
    ['b', 'uid-b'],
  ])
  const tenant = tenantOf('a')
  expect(keepReason(namespace, {tenant, tenants: [tenant, tenantOf('b')], created})).toBe(reason)
})
