import {expect, test} from 'vitest'
import {isConnectedTo, istiodName} from '../../../src/features/tenant/istio-pods.ts'
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
