import {describe, expect, test} from 'vitest'
import {hasService, stalePods} from '../../../src/features/locality/istio-stale-pods.ts'
import {localityFacts} from '../federate/samples-mesh.ts'
import {at, node, pod, webService, where} from './samples.ts'

const istiod = (started: string) =>
  pod('istio-system/istiod-1', {app: 'istiod', 'istio.io/rev': 'default'}, {status: {startTime: at(started)}})
const web = (started: string, labels = {}) =>
  pod('shop/web-1', {app: 'web', ...labels}, {spec: {nodeName: 'a'}, status: {startTime: at(started)}})

describe('istiod does not update the locality of a pod when the labels of its node change', () => {
  test.each([
    ['istiod and the pod started before', '10', '10', {}, 1],
    ['the pod started after', '10', '40', {}, 0],
    ['istiod started after', '40', '10', {}, 0],
    ['the pod has a locality label', '10', '10', {'istio-locality': 'r.z'}, 0],
  ])('%s', (_, istiodStart, podStart, labels, count) => {
    const facts = localityFacts({
      nodes: [node('a', 'r/z', '30')],
      pods: [istiod(istiodStart), web(podStart, labels)],
      services: [webService],
    })
    expect(stalePods(facts, where)).toHaveLength(count)
    expect(stalePods({...facts, services: []}, where)).toEqual([])
    expect(stalePods(facts, {...where, revision: 'other'})).toEqual([])
  })
})

test('a Service selects only pods in its namespace', () => {
  const facts = localityFacts({services: [webService]})
  expect(hasService(pod('shop/web-1', {app: 'web'}), facts)).toBe(true)
  expect(hasService(pod('other/web-1', {app: 'web'}), facts)).toBe(false)
})
