import {expect, test} from 'vitest'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import {
  bindsAccountIn,
  callsIstiodIn,
  istiodBindingRef,
  proofOf,
  proofRef,
  readProofOf,
} from '../../../src/features/tenant/istio-proof.ts'

const proof = {name: 'a', namespace: 'ns', revision: 'r1', selector: 'usergroup=a'}

test('a proof is read as it was written; other ClusterRoles prove nothing', () => {
  const object = proofOf(proof)
  expect(readProofOf(object)).toEqual(proof)
  expect(object.metadata.name).toBe(proofRef('ns').name)
  expect(readProofOf({...object, metadata: {name: 'kubectl-mesh-tenant-ns'}})).toBeUndefined()
  expect(readProofOf({...object, metadata: {...object.metadata, name: 'other-ns'}})).toBeUndefined()
})

test.each([
  ['ns', 'istiod', true],
  ['ns', 'istiod-r1', true],
  ['ns', 'istiodx', false],
  ['ns', 'policy', false],
  ['other', 'istiod', false],
])('a webhook that calls a Service in %s named %s: %j', (namespace, name, expected) => {
  const configuration = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: {name: 'x'},
    webhooks: [{name: 'w', clientConfig: {service: {namespace, name}}}],
  } satisfies KubernetesObject
  expect(callsIstiodIn(configuration, 'ns')).toBe(expected)
})

test('a binding proves only the namespace of its subject', () => {
  // The same name for two pairs of revision and namespace.
  expect(istiodBindingRef({namespace: 'x-team', revision: 'r'})).toEqual(
    istiodBindingRef({namespace: 'team', revision: 'r-x'}),
  )
  const binding = {
    ...istiodBindingRef({namespace: 'x-team', revision: 'r'}),
    metadata: {name: 'istiod-clusterrole-r-x-team'},
    subjects: [{kind: 'ServiceAccount', name: 'istiod-r', namespace: 'x-team'}],
  } as unknown as KubernetesObject
  expect(bindsAccountIn(binding, 'x-team')).toBe(true)
  expect(bindsAccountIn(binding, 'team')).toBe(false)
  expect(bindsAccountIn(undefined, 'team')).toBe(false)
})
