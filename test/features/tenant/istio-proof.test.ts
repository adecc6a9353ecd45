import {expect, test} from 'vitest'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import {istiodBindingRef, proofOf, readProofOf} from '../../../src/features/tenant/istio-proof.ts'
import {bindsAccountIn, tenantProofRef} from '../../../src/istio/system-objects.ts'

const proof = {name: 'a', namespace: 'ns', revision: 'r1', selector: 'usergroup=a'}

test('a proof is read as it was written; other ClusterRoles prove nothing', () => {
  const object = proofOf(proof)
  expect(readProofOf(object)).toEqual(proof)
  expect(object.metadata.name).toBe(tenantProofRef('ns').name)
  expect(readProofOf({...object, metadata: {name: 'kubectl-mesh-tenant-ns'}})).toBeUndefined()
  expect(readProofOf({...object, metadata: {...object.metadata, name: 'other-ns'}})).toBeUndefined()
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
