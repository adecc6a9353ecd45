import {expect, test} from 'vitest'
import {podCountsOf, workloadState} from '../../../src/engine/kubernetes/workload-state.ts'
import {object} from '../../features/ingress/samples.ts'

const deployment = (replicas: number | undefined, status: object, generation = 1) =>
  object('Deployment', 'g', {spec: replicas === undefined ? {} : {replicas}, status}, {generation})
const seen = {observedGeneration: 1}

test.each([
  ['missing', undefined, 'does not exist yet'],
  ['older status', deployment(1, seen, 2), 'the controller has not processed the change yet'],
  ['old pods', deployment(2, {...seen, availableReplicas: 2, updatedReplicas: 1}), '1 of 2 pods are available'],
  ['complete', deployment(undefined, {...seen, availableReplicas: 1, updatedReplicas: 1}), true],
  [
    'refused pods',
    deployment(1, {
      ...seen,
      conditions: [{type: 'ReplicaFailure', status: 'True', message: 'pods "g-1" is forbidden: runAsUser'}],
    }),
    '0 of 1 pods are available: pods "g-1" is forbidden: runAsUser',
  ],
  ['no pods', object('DaemonSet', 'g', {status: {}}), 'no pods are desired on any node'],
])('state: %s', (_name, workload, expected) => {
  expect(workloadState(workload)).toBe(expected)
})

test('counts of a DaemonSet', () => {
  const status = {desiredNumberScheduled: 3, numberAvailable: 2, updatedNumberScheduled: 1}
  expect(podCountsOf(object('DaemonSet', 'g', {status}))).toEqual({desired: 3, available: 2, updated: 1})
})
