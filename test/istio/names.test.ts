import fc from 'fast-check'
import {expect, test} from 'vitest'
import {peerTokenName, remoteSecretName, revisioned} from '../../src/istio/names.ts'

test('names follow istioctl', () => {
  expect(remoteSecretName('west')).toBe('istio-remote-secret-west')
  expect(peerTokenName('west')).toBe('istio-remote-token-west')
})

test('a name has at most 253 characters, and different clusters get different names', () => {
  const head = 'a'.repeat(233)
  const cluster = fc.string({unit: fc.constantFrom('a', 'b'), maxLength: 12}).map(tail => head + tail)
  fc.assert(
    fc.property(cluster, cluster, (a, b) => {
      expect(remoteSecretName(a).length).toBeLessThanOrEqual(253)
      expect(remoteSecretName(a) === remoteSecretName(b)).toBe(a === b)
    }),
  )
})

test.each([
  [undefined, 'istio'],
  ['default', 'istio'],
  ['1-30', 'istio-1-30'],
])('revision %s: ConfigMap %s', (revision, name) => expect(revisioned('istio', revision)).toBe(name))
