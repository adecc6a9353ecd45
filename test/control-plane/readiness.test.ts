import {expect, test} from 'vitest'
import {isAvailable, isReady} from '../../src/control-plane/readiness.ts'

const deployment = (status?: object, replicas?: number) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {name: 'istiod', generation: 2},
  spec: {replicas},
  status,
})

test.each([
  ['a missing Deployment', undefined, 'it does not exist yet'],
  ['no status', deployment(), 'its controller has not observed the change yet'],
  [
    'an old generation',
    deployment({observedGeneration: 1, availableReplicas: 1, updatedReplicas: 1}),
    'its controller has not observed the change yet',
  ],
  ['old pods', deployment({observedGeneration: 2, availableReplicas: 1}), '0 of 1 pods are available'],
  [
    'too few pods',
    deployment({observedGeneration: 2, availableReplicas: 1, updatedReplicas: 2}, 2),
    '1 of 2 pods are available',
  ],
  ['all pods', deployment({observedGeneration: 2, availableReplicas: 2, updatedReplicas: 2}, 2), true],
  ['no replicas', deployment({observedGeneration: 2}, 0), true],
])('%s: %s', (_, object, expected) => expect(isAvailable(object)).toBe(expected))

const istio = (...conditions: object[]) => ({
  apiVersion: 'sailoperator.io/v1',
  kind: 'Istio',
  metadata: {name: 'default'},
  status: {conditions},
})
const unknown = 'the Sail operator has not reported its status yet'

test.each([
  ['a missing Istio', undefined, unknown],
  ['no conditions', istio(), unknown],
  ['another condition', istio({type: 'Reconciled', status: 'True'}), unknown],
  ['a reason', istio({type: 'Ready', status: 'False', message: 'istiod is not ready'}), 'istiod is not ready'],
  ['the condition Ready', istio({type: 'Ready', status: 'True'}), true],
])('Sail, %s: %s', (_, object, expected) => expect(isReady(object)).toBe(expected))
