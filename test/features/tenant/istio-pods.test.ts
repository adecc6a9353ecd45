import {expect, test} from 'vitest'
import {isConnectedTo, istiodName, needsRestart} from '../../../src/features/tenant/istio-pods.ts'
import {podOf, tenantOf} from './samples.ts'

const {proxy} = podOf('app', 'web', 'a')

test.each([
  ['its revision and namespace', proxy, true],
  ['an unknown address', {...proxy!, istiod: undefined}, true],
  ['another namespace', {...proxy!, istiod: 'istiod-a.other.svc:15012'}, false],
  ['another revision', {...proxy!, revision: 'b'}, false],
  ['a pod that has ended', {...proxy!, alive: false}, false],
  ['no proxy', undefined, false],
])('%s', (_, changed, connected) => {
  expect(isConnectedTo(podOf('app', 'web', 'a', {proxy: changed}), tenantOf('a'))).toBe(connected)
})

test('istiod without a revision has no suffix', () => {
  expect([istiodName({revision: 'default'}), istiodName({revision: 'r1'})]).toEqual(['istiod', 'istiod-r1'])
})

test.each([
  ['a pod of another revision', {}, true, false],
  ['a pod of its revision', {proxy: {...proxy!, revision: 'b'}}, false, true],
  ['a pod without a sidecar', {proxy: undefined}, true, false],
  ['a pod that refuses sidecars', {refuses: true}, false, false],
  ['a pod in the network of its host', {hostNetwork: true}, false, false],
  ['a pod that has ended', {proxy: {...proxy!, alive: false}}, false, false],
])('%s is restarted to join or leave a tenant', (_, more, joins, leaves) => {
  const pod = podOf('app', 'web', 'a', more)
  expect([false, true].map(isRemoved => needsRestart(pod, {revision: 'b'}, isRemoved))).toEqual([joins, leaves])
})
